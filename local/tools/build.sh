#!/usr/bin/env bash
# Builds pkg/, the core and the images as WebAssembly, a folder for each package. The same source gives the same bytes in any
# folder.
# `local/tools/build.sh check` fails unless the committed pkg/ is what the source builds;
# `local/tools/build.sh test` tests the JavaScript surface of each package instead, under Node.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Each package of the core is a feature of its crate; the images are a crate of their own with two packages.
packages=$(sed -n 's/^default = \[\(.*\)\]$/\1/p' Cargo.toml | tr -d '",')
wasm_bindgen_version=$(sed -n 's/^wasm-bindgen = "=\(.*\)"$/\1/p' Cargo.toml)
wasm_pack_version=0.15.1
tools=${XDG_CACHE_HOME:-$HOME/.cache}/suplatzigram-queues/tools
wasm_bindgen=$tools/wasm-bindgen-$wasm_bindgen_version
wasm_pack=$tools/wasm-pack-$wasm_pack_version

local/tools/rust.sh

# Debug builds of the tools install in a fraction of the time and write the same output.
install_tool() { # folder, binary, arguments for cargo install
  local folder=$1 binary=$2
  shift 2
  if [ ! -x "$folder/bin/$binary" ]; then
    echo "installing $1 into $folder (once)" >&2
    CARGO_PROFILE_DEV_DEBUG=0 cargo install --quiet --debug --root "$folder" "$@" >&2
  fi
}
# Its published lock file names a crate version that does not exist, hence no --locked.
install_tool "$wasm_bindgen" wasm-bindgen-test-runner wasm-bindgen-cli --version "$wasm_bindgen_version" \
  --no-default-features --bin wasm-bindgen --bin wasm-bindgen-test-runner
install_tool "$wasm_pack" wasm-pack wasm-pack --version "$wasm_pack_version" --locked

# Every V8 that runs Edge Functions has SIMD. With this limit an image that is too much for the function ends its call,
# not the worker (src/images/limits.rs).
images_flags="-Ctarget-feature=+simd128"
images_flags+=$'\x1f'"-Clink-arg=--max-memory=$((160 * 1024 * 1024))"

PATH=$wasm_bindgen/bin:$wasm_pack/bin:$PATH
if [ "${1:-}" = test ]; then
  # `wasm-pack test` would first build every test with every package.
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner
  for package in $packages; do
    cargo test --target wasm32-unknown-unknown --test wasm --no-default-features --features "$package"
  done
  CARGO_ENCODED_RUSTFLAGS=$images_flags \
    cargo test --release --target wasm32-unknown-unknown --package suplatzigram-images --test wasm
  exit 0
fi

# Paths of this machine would end up in panic messages.
commit=$(rustc -vV | sed -n 's/^commit-hash: //p')
# Separated by a byte that no path holds: RUSTFLAGS is split at spaces.
export CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/cargo"
CARGO_ENCODED_RUSTFLAGS+=$'\x1f'"--remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit"
CARGO_ENCODED_RUSTFLAGS+=$'\x1f'"--remap-path-prefix=$PWD=/src"
out=$PWD/pkg
if [ "${1:-}" = check ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
build() { # package, name of its module, folder of its crate, arguments for cargo
  local package=$1 module=$2 crate=$3 library
  shift 3
  local folder=$out/$package
  wasm-pack --quiet build --mode no-install --release --target bundler --no-gitignore \
    --out-dir "$folder" --out-name "$module" "$crate" -- "$@"
  # Once more without the names of functions, an eighth of the download, which wasm-pack cannot leave out.
  library=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$crate/Cargo.toml" | head -n 1 | tr - _)
  wasm-bindgen --target bundler --remove-name-section --out-dir "$folder" --out-name "$module" \
    "${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/release/$library.wasm"
  # Copies of what the repository has already.
  rm -f "$folder/README.md" "$folder/LICENSE"
  local wasm=$folder/${module}_bg.wasm
  echo "pkg/$package: $(wc -c <"$wasm") bytes, $(gzip -9 -c "$wasm" | wc -c) gzipped"
}
for package in $packages; do
  build "$package" queues . --no-default-features --features "$package"
done
CARGO_ENCODED_RUSTFLAGS+=$'\x1f'$images_flags
build images images src/images --no-default-features --features common
build heic images src/images --no-default-features --features heic
if [ "${1:-}" = check ] && ! diff -r "$out" pkg; then
  echo "pkg/ is not what src/ builds: run \`make build\` and commit pkg/" >&2
  exit 1
fi
