#!/usr/bin/env bash
# Ceph in the lab's fabric: one monitor and one OSD over a file, with cephx. Started by who needs it, ended with the lab.
#   ceph.sh up               installs it if it is not there, and starts it: about ten seconds
#   ceph.sh image NAME MIB   makes an image in the pool vms, with a pattern in it
#   ceph.sh drop NAME        removes one
#   ceph.sh hold NAME       has one open to write, until standard input ends
#   ceph.sh watchers NAME   prints the addresses of those who have
#   ceph.sh sum NAME         prints the checksum of its content
#   ceph.sh key              prints the key of client.drover in base64
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"
C=$LAB/ceph FSID=77000000-0000-4000-8000-0000000000ce
wait_until() { local n=0; until "${@:2}" >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt "$1" ] || die "gave up waiting for ceph ($*)"; sleep 0.2; done; }
ceph() { timeout 20 nsenter -t "$(pid_of fabric)" -m -n -- ceph --conf "$C/ceph.conf" --connect-timeout 10 "$@"; }
authtool() { ceph-authtool "$@" >/dev/null; }
in_fabric() { nsenter -t "$(pid_of fabric)" -m -n -p -- "$@"; }
url() { echo "rbd:vms/$1:conf=$C/ceph.conf"; }
install() {
  command -v ceph-osd >/dev/null && command -v ceph >/dev/null && return
  say "installing Ceph (once)"
  export DEBIAN_FRONTEND=noninteractive
  set -- ceph-mon ceph-osd ceph-common
  apt-get install -qy --no-install-recommends "$@" >&2 || { apt-get update -q >&2 && apt-get install -qy --no-install-recommends "$@" >&2; }
}
up() {
  [ ! -e "$C/up" ] || return 0
  install
  say "starting Ceph"
  rm -rf "$C"; mkdir -p "$C"/{mon,osd}
  cat >"$C/ceph.conf" <<CONF
[global]
fsid = $FSID
mon_host = v1:$FABRIC_IP:6789/0
ms_bind_msgr2 = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
mon_allow_pool_size_one = true
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_class_update_on_start = false
osd_crush_update_on_start = false
mon_data_avail_warn = 1
mon_data_avail_crit = 1
keyring = $C/keyring
log_file = $LAB/log/ceph-\$name.log
run_dir = $C
admin_socket = $C/\$name.asok
pid_file = $C/\$name.pid
mon_data = $C/mon
osd_data = $C/osd
osd_objectstore = bluestore
bluestore_block_size = 2147483648
bluestore_block_db_size = 0
bluestore_block_wal_size = 0
osd_memory_target = 939524096
bluestore_cache_autotune = false
bluestore_cache_size = 33554432
osd_op_num_shards = 1
osd_op_num_threads_per_shard = 2
ms_async_op_threads = 1
[client]
log_file =
admin_socket =
CONF
  authtool --create-keyring "$C/keyring" --gen-key -n mon. --cap mon 'allow *'
  authtool "$C/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
  authtool "$C/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
  authtool "$C/keyring" --gen-key -n client.drover --cap mon 'profile rbd' --cap osd 'profile rbd pool=vms'
  monmaptool --create --fsid "$FSID" --addv a "[v1:$FABRIC_IP:6789/0]" "$C/monmap" >/dev/null
  in_fabric ceph-mon --conf "$C/ceph.conf" --mkfs -i a --monmap "$C/monmap" --keyring "$C/keyring"
  in_fabric setsid ceph-mon --conf "$C/ceph.conf" -f -i a </dev/null >/dev/null 2>&1 &
  wait_until 100 ceph -s
  for name in osd.0 client.drover; do ceph auth import -i "$C/keyring" >/dev/null 2>&1; done
  uuid=$(cat /proc/sys/kernel/random/uuid)
  ceph osd new "$uuid" >/dev/null
  in_fabric ceph-osd --conf "$C/ceph.conf" -i 0 --mkfs --osd-uuid "$uuid" >"$LAB/log/ceph-mkfs.log" 2>&1
  ceph osd crush add osd.0 1.0 root=default host=fabric >/dev/null 2>&1
  in_fabric setsid ceph-osd --conf "$C/ceph.conf" -f -i 0 </dev/null >/dev/null 2>&1 &
  wait_until 200 osd_is_up
  ceph osd pool create vms 8 >/dev/null 2>&1
  ceph osd pool application enable vms rbd >/dev/null 2>&1
  in_fabric timeout 20 rbd --conf "$C/ceph.conf" pool init vms
  touch "$C/up"
}
osd_is_up() { ceph osd stat | grep -q ' 1 up'; }
case "${1:-}" in
  up) up ;;
  image)
    in_fabric timeout 20 rbd --conf "$C/ceph.conf" create "vms/$2" --size "$3"
    in_fabric timeout 20 qemu-io -f raw -c 'write -q -P 0x5a 1M 256k' "$(url "$2")" ;;
  drop) in_fabric timeout 60 rbd --conf "$C/ceph.conf" rm --no-progress "vms/$2" ;;
  hold) in_fabric qemu-io -f raw "$(url "$2")" ;;
  watchers) in_fabric timeout 20 rbd --conf "$C/ceph.conf" status "vms/$2" | sed -n 's/.*watcher=\([^ ]*\).*/\1/p' ;;
  sum) in_fabric timeout 60 rbd --conf "$C/ceph.conf" export --no-progress "vms/$2" - | sha256sum | cut -d' ' -f1 ;;
  key) ceph-authtool "$C/keyring" -n client.drover -p ;;
  *) sed -n '2,9s/^# *//p' "$0"; exit 2 ;;
esac
