#!/usr/bin/env bash
# Makes, starts or removes one more guest on h1, with what everyday guests have: own1, at .107, with UEFI variables, a TPM, two
# disks with a snapshot, an iSCSI volume whose password is a secret of h1's libvirt, an ISO, a console password, and a neighbour
# near1 whose disk lies over the same backing file, in own1's own folder. libvirt 9.0 takes no internal snapshot of a guest with
# UEFI variables or a raw disk, but keeps one that was taken before there were any.
#   everyday-guest.sh make [with-snapshot|without-snapshot] | remove
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"
FIRMWARE=/usr/share/OVMF/OVMF
VARIABLES=/var/lib/libvirt/qemu/nvram/own1_VARS.fd
SECRET=77000000-0000-4000-8000-0000000c0a17
# Nobody told drover that they are gone, so their rules are removed as drover itself would.
forget_rules() { # HOST SUFFIX
  inside "$1" sh -c '
    nft delete element bridge drover active "{ \"dr$1\" }"
    for way in from to; do
      nft list map bridge drover $way | grep -o "\"[^\"]*\" : jump ${way}_$1" | cut -d "\"" -f 2 |
        while read -r tap; do nft delete element bridge drover $way "{ \"$tap\" }"; done
      nft delete chain bridge drover ${way}_$1
    done
    for kept in asked dhcp; do nft delete set bridge drover ${kept}_$1; done' sh "$2" >/dev/null 2>&1 || :
}
remove() {
  for host in $HOSTS; do
    inside "$host" sh -c "virsh -q destroy own1 2>/dev/null; virsh -q undefine own1 --tpm --nvram --snapshots-metadata 2>/dev/null; virsh -q undefine near1 2>/dev/null
      rm -rf $INSTANCES/own1 $INSTANCES/own1_resize $INSTANCES/own1.drover-* $INSTANCES/own1-tools.iso $INSTANCES/near1 /var/lib/libvirt/swtpm/*000000000007* $VARIABLES*
      virsh -q secret-undefine $SECRET >/dev/null 2>&1 || :"
    for suffix in 525400770007 525400770006; do forget_rules "$host" "$suffix"; done
  done
}
case "$1" in
  remove) remove ;;
  make)
    remove
    inside h1 mkdir -p "$INSTANCES/own1" "$INSTANCES/near1"
    inside h1 cp "$INSTANCES/_base/base.qcow2" "$INSTANCES/own1/base.qcow2"
    for disk in own1 near1; do
      inside h1 qemu-img create -q -f qcow2 -b "$INSTANCES/own1/base.qcow2" -F qcow2 "$INSTANCES/$disk/disk.qcow2"
    done
    inside h1 qemu-img create -q -f qcow2 "$INSTANCES/own1/data.qcow2" 16M
    inside h1 qemu-io -f qcow2 -c 'write -q -P 0x5a 1M 256k' "$INSTANCES/own1/data.qcow2"
    inside h1 sh -c "echo drivers >$INSTANCES/own1-tools.iso"
    data="<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$INSTANCES/own1/data.qcow2'/><target dev='vdb' bus='virtio'/></disk>"
    iso="<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='$INSTANCES/own1-tools.iso'/><target dev='sda' bus='sata'/><readonly/></disk>"
    disk() { echo "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='$INSTANCES/$1/disk.qcow2'/><target dev='vda' bus='virtio'/></disk>"; }
    volume="<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='iscsi' name='$LOCKED_IQN/1'><host name='$FABRIC_IP' port='3260'/><auth username='$LOCKED_USER'><secret type='iscsi' uuid='$SECRET'/></auth></source><target dev='vdc' bus='virtio'/></disk>"
    secret="<secret ephemeral='no' private='no'><uuid>$SECRET</uuid><usage type='iscsi'><target>own1</target></usage></secret>"
    inside h1 sh -c "printf '%s' \"\$1\" >/run/own1-secret.xml; virsh -q secret-define /run/own1-secret.xml
      printf '%s' \"\$2\" | base64 >/run/own1-secret; virsh -q secret-set-value $SECRET --file /run/own1-secret; rm /run/own1-secret*" sh "$secret" "$LOCKED_PASSWORD" >/dev/null 2>&1
    variant() { # NAME NUMBER MORE
      sed -e "s,/vmlinux<,/vmlinuz<,; s/blk1/$1/g; s/00000000000[0-9]</00000000000$2</; s/52:54:00:77:00:03/52:54:00:77:00:0$2/g; s/$SUBNET.103/$SUBNET.10$2/g" \
        -e "s#<disk type=.*</disk>#$(disk "$1")$3#" "$LAB/run/blk1.xml"
    }
    variant own1 7 "$data$iso<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm><graphics type='vnc' port='-1' autoport='yes' passwd='0wn1sown'/><video><model type='none'/></video>" >"$LAB/run/own1.xml"
    variant near1 6 "" >"$LAB/run/near1.xml"
    for name in own1 near1; do inside h1 virsh -q define "$LAB/run/$name.xml"; done
    [ "${2:-}" = without-snapshot ] ||
      inside h1 virsh -q snapshot-create-as own1 before >/dev/null
    # Neither goes with a snapshot inside images, so they come after it.
    sed -i "s#<kernel>#<loader readonly='yes' type='pflash'>${FIRMWARE}_CODE_4M.fd</loader><nvram template='${FIRMWARE}_VARS_4M.fd'>$VARIABLES</nvram>&#; s#<graphics#$volume&#" "$LAB/run/own1.xml"
    inside h1 virsh -q define "$LAB/run/own1.xml"
    # The firmware writes some variables at each start; in the page of its event log it writes nothing, and leaves what is there.
    inside h1 sh -c "mkdir -p ${VARIABLES%/*}; cp ${FIRMWARE}_VARS_4M.fd $VARIABLES; printf %s 'of own1 alone' | dd of=$VARIABLES bs=4096 seek=64 conv=notrunc status=none"
    inside h1 virsh -q start own1 ;;
esac
