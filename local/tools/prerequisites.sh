#!/bin/sh
# Says what is missing before the local stack is installed, and how to get it. With the argument `node`, it asks for
# Node.js alone.
missing() {
  echo "missing: $1" >&2
  exit 1
}

command -v node >/dev/null || missing "Node.js 20 or newer (https://nodejs.org)"
[ "$(node -p 'Number(process.versions.node.split(".")[0])')" -ge 20 ] ||
  missing "Node.js 20 or newer (this is $(node --version))"
command -v npm >/dev/null || missing "npm, which comes with Node.js"
[ "${1:-}" != node ] || exit 0
python3 -m pip --version >/dev/null 2>&1 && exit 0

# pip fetches pgmq's SQL.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing python3-pip with apt-get"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-pip >/dev/null
else
  missing "Python 3 with pip (on Debian: sudo apt-get install python3-pip)"
fi
