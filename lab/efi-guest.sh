#!/usr/bin/env bash
# Makes, starts or removes one more guest on h1: efi1, at .108, with UEFI firmware and its variables, a disk of compressed
# clusters and a raw one.
#   efi-guest.sh make | remove
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"
FIRMWARE=/usr/share/OVMF
remove() {
  for host in $HOSTS; do
    inside "$host" sh -c "virsh -q destroy efi1 2>/dev/null; virsh -q undefine efi1 --nvram 2>/dev/null; rm -rf $INSTANCES/efi1 $INSTANCES/efi1_resize $INSTANCES/efi1.drover-*"
  done
}
case "$1" in
  remove) remove ;;
  make)
    remove
    folder=$INSTANCES/efi1
    inside h1 mkdir -p "$folder"
    inside h1 qemu-img convert -q -c -O qcow2 "$INSTANCES/_base/base.qcow2" "$folder/disk.qcow2"
    inside h1 qemu-img create -q -f raw "$folder/data.raw" 64M
    inside h1 sh -c "head -c 3M /dev/urandom | dd of=$folder/data.raw bs=1M seek=20 conv=notrunc status=none"
    disk() { echo "<disk type='file' device='disk'><driver name='qemu' type='$1'/><source file='$folder/$2'/><target dev='$3' bus='virtio'/></disk>"; }
    # The firmware asks for no boot device: the kernel is handed to it, as to the other guests.
    sed -e "s#/vmlinux<#/vmlinuz<#; s/blk1/efi1/g; s/000000000003/000000000008/; s/52:54:00:77:00:03/52:54:00:77:00:08/g; s/$SUBNET.103/$SUBNET.108/g" \
      -e "s#<disk type=.*</disk>#$(disk qcow2 disk.qcow2 vda)$(disk raw data.raw vdb)#" \
      -e "s#<kernel>#<loader readonly='yes' type='pflash'>$FIRMWARE/OVMF_CODE_4M.fd</loader><nvram template='$FIRMWARE/OVMF_VARS_4M.fd'>$folder/efi1_VARS.fd</nvram>&#" \
      "$LAB/run/blk1.xml" >"$LAB/run/efi1.xml"
    inside h1 virsh -q define "$LAB/run/efi1.xml"
    inside h1 virsh -q start efi1 ;;
esac
