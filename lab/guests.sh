#!/usr/bin/env bash
# Defines and starts the lab's guests on h1: one per kind of storage, and one that mixes all three.
set -euo pipefail
. "$(dirname "$0")/lab.conf"

disk_file() { # TARGET PATH
  echo "<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none'/><source file='$2'/><target dev='$1' bus='virtio'/></disk>"
}
disk_config() { # TARGET PATH
  echo "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$2'/><target dev='$1' bus='virtio'/><readonly/></disk>"
}
disk_iscsi() { # TARGET LUN
  echo "<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none'/><source protocol='iscsi' name='$IQN/$2'><host name='$FABRIC_IP' port='3260'/></source><target dev='$1' bus='virtio'/></disk>"
}
# Self-tests, waits and measurements of the kernel's own that cost most under emulation.
FAST_BOOT="cryptomgr.notests rcupdate.rcu_expedited=1 no_timer_check audit=0 ima=off"
# The odd RAM size is for the emulation: before 9.0, QEMU's fast path of the dirty bitmap's sync forgets to tell
# the software CPU's TLB that a page is clean again (its fix: "Fix migration dirty bitmap coherency with TCG
# memory access"), so that a migrated guest loses stores. A block that is no multiple of 256 KiB takes the slow
# path, which does not forget. KVM has no such TLB.
domain() { # NAME NUMBER DISKS
  cat <<XML
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>$1</name>
  <uuid>77000000-0000-4000-8000-00000000000$2</uuid>
  <metadata>
    <drover:vm xmlns:drover='https://drover.dev/xmlns/vm/1'>
      <drover:project>lab</drover:project>
      <drover:port mac='52:54:00:77:00:0$2' ip='$SUBNET.10$2' groups='web'/>
    </drover:vm>
  </metadata>
  <memory unit='MiB'>$GUEST_MEMORY_MIB</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>/var/lib/libvirt/boot/vmlinux</kernel>
    <initrd>/var/lib/libvirt/boot/initrd</initrd>
    <cmdline>console=ttyS0 quiet panic=5 $FAST_BOOT guest.ip=$SUBNET.10$2/24</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model></cpu>
  <clock offset='utc'/>
  <on_crash>preserve</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    $3
    <interface type='bridge'><mac address='52:54:00:77:00:0$2'/><source bridge='br0'/><model type='virtio'/></interface>
    <serial type='pty'><log file='/var/log/libvirt/qemu/$1.console' append='on'/></serial>
    <memballoon model='virtio'/>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-m'/><qemu:arg value='size=$((GUEST_MEMORY_MIB * 1024 + 8))K'/>
    <qemu:arg value='-object'/><qemu:arg value='memory-backend-ram,id=lab.ram,size=$((GUEST_MEMORY_MIB * 1024 + 8))K'/>
    <qemu:arg value='-machine'/><qemu:arg value='memory-backend=lab.ram'/>
  </qemu:commandline>
</domain>
XML
}
start() { # NAME NUMBER DISKS
  domain "$@" >"$LAB/run/$1.xml"
  inside h1 virsh -q define "$LAB/run/$1.xml"
  inside h1 virsh -q start "$1"
}
start web1 1 "$(disk_file vda "$SHARED/web1/root.qcow2")"
start vol1 2 "$(disk_iscsi vda 1)"
start blk1 3 "$(disk_file vda "$INSTANCES/blk1/disk.qcow2")$(disk_config vdb "$INSTANCES/blk1/config.img")"
start mix1 4 "$(disk_file vda "$SHARED/mix1/root.qcow2")$(disk_iscsi vdb 2)$(disk_file vdc "$INSTANCES/mix1/disk.qcow2")"
