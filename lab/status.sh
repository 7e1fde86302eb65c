#!/usr/bin/env bash
# Says what of the lab runs: machines, and each host's guests.
set -euo pipefail
. "$(dirname "$0")/lab.conf"
[ -d "$LAB/run" ] || { say "down (no $LAB)"; exit 1; }
status=0
for m in fabric $HOSTS; do
  if alive "$m"; then echo "$m up (pid $(pid_of "$m"))"; else echo "$m DEAD"; status=1; fi
done
for name in $HOSTS; do
  if alive "$name"; then
    echo "$name $(host_ip "$name"), ssh 127.0.0.1:$(ssh_port "$name"): $(inside "$name" virsh -q list --all | awk '{print $2 " (" $3 $4 ")"}' | paste -sd' ')"
  fi
done
exit $status
