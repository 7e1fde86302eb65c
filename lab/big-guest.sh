#!/usr/bin/env bash
# Makes, starts or removes one more guest on h1, with as much data as a benchmark wants: big1, at .109.
#   big-guest.sh make CAPACITY_GIB DATA_MIB | remove
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"
remove() {
  for host in $HOSTS; do
    inside "$host" sh -c "virsh -q destroy big1 2>/dev/null; virsh -q undefine big1 2>/dev/null; rm -rf $INSTANCES/big1 $INSTANCES/big1_resize $INSTANCES/big1.drover-*"
  done
}
case "$1" in
  remove) remove ;;
  make)
    remove
    images=$LAB/hosts/h1$INSTANCES
    mkdir -p "$images/big1"
    # The data lies behind the base image's file system: random, so that nothing can be saved on it.
    data=$(mktemp "$LAB/data.XXXXXX")
    head -c "${3}M" /dev/urandom >"$data"
    inside h1 qemu-img create -q -f qcow2 -b "$INSTANCES/_base/base.qcow2" -F qcow2 "$INSTANCES/big1/disk.qcow2" "${2}G"
    inside h1 qemu-io -f qcow2 -c "write -q -s $data 64M ${3}M" "$INSTANCES/big1/disk.qcow2"
    rm "$data"
    sed -e "s/blk1/big1/g; s/000000000003/000000000009/; s/52:54:00:77:00:03/52:54:00:77:00:09/g; s/$SUBNET.103/$SUBNET.109/g" \
      -e "s#<disk type='file' device='disk'><driver name='qemu' type='raw'/>.*</disk>##" "$LAB/run/blk1.xml" >"$LAB/run/big1.xml"
    inside h1 virsh -q define "$LAB/run/big1.xml"
    inside h1 virsh -q start big1 ;;
esac
