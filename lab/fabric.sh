#!/usr/bin/env bash
# The lab's network and storage: a bridge, an iSCSI target and an HTTP image store, in namespaces of
# their own. Runs as PID 1's child and stays until the lab is taken down.
set -euo pipefail
. "$(dirname "$0")/lab.conf"
mount -t tmpfs tmpfs /run
hostname fabric
ip link set lo up
ip link add fab0 type bridge forward_delay 0
ip addr add "$FABRIC_IP/24" dev fab0
ip link set fab0 up
tgtd -f &
busybox httpd -f -p "$FABRIC_IP:$IMAGE_PORT" -h "$LAB/store" &
until tgtadm --op show --mode sys >/dev/null 2>&1; do sleep 0.05; done
tgtadm --lld iscsi --op new --mode target --tid 1 -T "$IQN"
lun=0
for volume in "$LAB"/volumes/*.raw; do
  lun=$((lun + 1))
  tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun "$lun" -b "$volume"
done
tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL
# One more, behind a password (CHAP).
truncate -s 16M /run/locked.raw
tgtadm --lld iscsi --op new --mode target --tid 2 -T "$LOCKED_IQN"
tgtadm --lld iscsi --op new --mode logicalunit --tid 2 --lun 1 -b /run/locked.raw
tgtadm --lld iscsi --op bind --mode target --tid 2 -I ALL
tgtadm --lld iscsi --op new --mode account --user "$LOCKED_USER" --password "$LOCKED_PASSWORD"
tgtadm --lld iscsi --op bind --mode account --tid 2 --user "$LOCKED_USER"
touch "$LAB/run/fabric.ready"
wait
