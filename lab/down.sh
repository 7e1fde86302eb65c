#!/usr/bin/env bash
# Takes the lab down: ends its processes (each machine's PID 1 takes everything inside with it) and
# removes its folder. Mounts and network links live in the machines' namespaces and vanish with them.
set -euo pipefail
. "$(dirname "$0")/lab.conf"
end() { # PIDFILE: ends the process and what it started, if it is still ours.
  local pid; pid=$(cat "$1" 2>/dev/null) || return 0
  if [ -n "$pid" ] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qE 'socat|unshare|tini'; then
    kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
    for _ in $(seq 100); do [ -d "/proc/$pid" ] || break; sleep 0.05; done
  fi
}
case "$LAB" in /?*/?*) ;; *) die "refusing to remove $LAB" ;; esac
for file in "$LAB"/run/*.parent; do
  if [ -e "$file" ]; then end "$file"; fi
done
for file in "$LAB"/run/*.pid; do   # the kernel ends a machine's processes when its PID 1 dies; wait for that
  pid=$(cat "$file" 2>/dev/null || true)
  [ -n "$pid" ] || continue
  for _ in $(seq 100); do [ -d "/proc/$pid" ] || break; sleep 0.05; done
done
rm -rf --one-file-system "$LAB"
# Nothing may be left: no process that was started from the lab's folder, no mount below it.
left=$(pgrep -af "$LAB/" | grep -v "lab/down.sh" || true; grep -F " $LAB" /proc/mounts || true)
[ -z "$left" ] || { say "these were left behind:"; printf '%s\n' "$left" >&2; exit 1; }
say "down"
