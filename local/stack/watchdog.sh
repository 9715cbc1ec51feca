#!/bin/sh
# Ends the stack's processes and removes its temporary folders if the process that started them dies
# first (SIGKILL, a crash, a closed terminal). It reads what to watch from standard input, whose end
# means that the parent is gone:
#
#   process PID SIGNAL    end this process with SIGNAL
#   folder PATH           remove this folder once the processes have ended
#   forget PID|PATH       the parent has done it
trap '' INT TERM HUP
newline='
'
entries=
while read -r verb value signal; do
  case $verb in
    forget)
      kept=
      IFS=$newline
      for entry in $entries; do
        case $entry in
          "process $value "* | "folder $value") ;;
          *) kept=$kept$entry$newline ;;
        esac
      done
      unset IFS
      entries=$kept
      ;;
    process) entries="${entries}process $value $signal$newline" ;;
    # A path may contain spaces: read puts the rest of it in $signal.
    folder) entries="${entries}folder $value${signal:+ $signal}$newline" ;;
  esac
done

each() {
  printf '%s' "$entries" | while read -r verb value signal; do "$1"; done
}
end() { [ "$verb" = process ] && kill -s "$signal" "$value" 2>/dev/null; }
wait_then_kill() {
  [ "$verb" = process ] || return
  tries=0
  while kill -0 "$value" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -gt 100 ] && kill -s KILL "$value"
    sleep 0.1
  done
}
remove() { [ "$verb" = folder ] && rm -rf "$value${signal:+ $signal}"; }

each end
each wait_then_kill
each remove
