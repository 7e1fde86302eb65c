#!/usr/bin/env bash
# Brings the lab up. A second call finds it up and does nothing; a half-dead lab is taken down first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"

started=$(date +%s)
version=$({ find "$here" -type f ! -name '*.ts' | sort | xargs cat; echo "$NEW_HOSTS"; } | sha256sum | cut -d" " -f1)
all_alive() { local m; for m in fabric $HOSTS; do alive "$m" || return 1; done; }
if [ "$(cat "$LAB/run/version" 2>/dev/null)" = "$version" ] && all_alive; then
  say "already up"
  exit 0
fi
[ ! -e "$LAB" ] || { say "clearing an older or broken lab"; bash "$here/down.sh"; }
trap 'status=$?; [ $status = 0 ] || { say "could not come up; its logs:"; tail -n 5 "$LAB"/log/* >&2 || true; [ -n "${DROVER_LAB_KEEP:-}" ] || bash "$here/down.sh"; }; exit $status' EXIT
[ "$(id -u)" = 0 ] || die "the lab needs root: it makes namespaces and bridges"

bash "$here/prepare.sh"
say "starting fabric (bridge, iSCSI target, image store)"
bash "$here/machine.sh" fabric fabric.sh
wait_until() { # SECONDS WHAT COMMAND...
  local limit=$(($(date +%s) + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$limit" ] || die "gave up waiting for $what ($*)"
    sleep 0.1
  done
}
wait_until 20 "the fabric" test -e "$LAB/run/fabric.ready"
for name in $HOSTS; do
  say "starting host $name"
  bash "$here/machine.sh" "$name" host.sh
  # Only the network namespace is entered, so that the host's pid means what it means here.
  nsenter -t "$(pid_of fabric)" -n ip link add "to-$name" type veth peer name uplink netns "$(pid_of "$name")"
  nsenter -t "$(pid_of fabric)" -n ip link set "to-$name" master fab0 up
done
for name in $HOSTS; do
  port=$(ssh_port "$name")
  setsid socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr,nodelay" \
    "EXEC:nsenter -t $(pid_of "$name") -n socat STDIO TCP\:127.0.0.1\:22\,nodelay" \
    </dev/null >"$LAB/log/forward-$name.log" 2>&1 &
  echo $! >"$LAB/run/forward-$name.parent"
  disown
done
for name in $HOSTS; do
  wait_until 20 "libvirtd of $name" inside "$name" virsh -q list
  wait_until 20 "sshd of $name" bash -c "</dev/tcp/127.0.0.1/$(ssh_port "$name")"
done
say "starting the guests"
bash "$here/guests.sh"
for n in 1 2 3 4; do
  wait_until 60 "the guest at $SUBNET.10$n" inside fabric curl -sf -m 2 -o /dev/null "http://$SUBNET.10$n/cgi-bin/state"
done
echo "$version" >"$LAB/run/version"
say "up in $(($(date +%s) - started)) s: hosts $HOSTS, guests web1 vol1 blk1 mix1 on h1"
