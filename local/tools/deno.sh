#!/bin/sh
# Prints the path of Deno for a deploy: the local stack's if that is installed, else one from npm, installed once into the
# user's cache folder. A deploy needs no other program of the stack.
set -eu
cd "$(dirname "$0")/../.."

deno=local/node_modules/.bin/deno
if [ ! -x "$deno" ]; then
  local/tools/prerequisites.sh node >&2
  version=$(sed -n 's/^ *"deno": "\(.*\)",$/\1/p' local/package.json)
  home=${XDG_CACHE_HOME:-$HOME/.cache}/suplatzigram-queues/deno-$version
  deno=$home/node_modules/.bin/deno
  if [ ! -x "$deno" ]; then
    echo "installing Deno $version from npm" >&2
    # Renamed into place, so that nobody finds half of it.
    npm install --prefix "$home.$$" "deno@$version" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
    if [ -e "$home" ]; then rm -rf "$home.$$"; else mv "$home.$$" "$home"; fi
  fi
fi
echo "$deno"
