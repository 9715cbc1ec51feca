#!/usr/bin/env bash
# Makes sure that Rust is here, with what rust-toolchain.toml asks for: recent versions of rustup install none of it
# by themselves.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v cargo >/dev/null; then
  echo "cargo is missing: install Rust with rustup (https://rustup.rs)" >&2
  exit 1
fi
# A Rust that rustup did not install brings its own targets.
command -v rustup >/dev/null || exit 0
if ! rustup target list --installed 2>/dev/null | grep -qx wasm32-unknown-unknown; then
  echo "installing what rust-toolchain.toml names" >&2
  rustup toolchain install >&2
fi
