#!/usr/bin/env bash
# Starts one lab machine: a set of namespaces whose PID 1 is tini (it must reap, else dead QEMUs
# stay as zombies and a migration never returns). Killing that one process removes the machine.
#   machine.sh NAME INIT-SCRIPT
set -euo pipefail
. "$(dirname "$0")/lab.conf"
name=$1 init=$2
mkdir -p "$LAB/run" "$LAB/log"
setsid unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc \
  /usr/bin/tini -s -- bash "$(dirname "$0")/$init" "$name" </dev/null >"$LAB/log/$name.log" 2>&1 &
parent=$!
disown
for _ in $(seq 100); do
  # By its name: on a busy machine a helper of unshare's is seen first, and is gone in a moment.
  child=$(pgrep -P "$parent" -x tini || true)
  [ -n "$child" ] && break
  kill -0 "$parent" 2>/dev/null || die "$name did not start: $(tail -n 3 "$LAB/log/$name.log")"
  sleep 0.02
done
echo "$parent" >"$LAB/run/$name.parent"
echo "$child" >"$LAB/run/$name.pid"
