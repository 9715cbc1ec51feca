#!/bin/sh
# Prints a folder for temporary files: in memory where 2 GiB are free there, since tests create and drop hundreds of
# databases, which takes minutes on a slow disk; else the usual one.
free_kib=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${free_kib:-0}" -ge 2097152 ] && [ -w /dev/shm ]; then
  echo /dev/shm
else
  echo "${TMPDIR:-/tmp}"
fi
