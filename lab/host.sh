#!/usr/bin/env bash
# One KVM host of the lab: private /run, /etc/libvirt, /var/lib/libvirt and so on, a bridge with an
# uplink that up.sh plugs in, one sshd and one libvirtd.
set -euo pipefail
. "$(dirname "$0")/lab.conf"
name=$1
root=$LAB/hosts/$name
# From here on all programs are the other release's; what is mounted below /usr comes after it.
[ ! -e "$root/userland" ] || mount --bind "$(cat "$root/userland")/usr" /usr
mount -t sysfs sysfs /sys              # shows the devices of this network namespace
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/lock
mount -t tmpfs -o mode=700 tmpfs /root   # a login shell that reads no profile
mount -t tmpfs -o mode=755 tmpfs /var/lib/drover
mount -t tmpfs tmpfs /srv
mkdir -p "$SHARED"
mount --bind "$LAB/shared" "$SHARED"
for dir in etc/libvirt var/lib/libvirt var/log/libvirt var/cache/libvirt; do
  mount --bind "$root/$dir" "/$dir"
done
for file in passwd group shadow sudoers.d; do
  mount --bind "$root/etc/$file" "/etc/$file"
done
mount -t tmpfs -o mode=755 tmpfs /usr/local/sbin
install -d -o drover -g drover -m 700 /srv/drover /srv/drover/.ssh
hostname "$name"
# A host that is gone is noticed within half a minute, not after two minutes (a new connection) or a quarter of an hour.
echo 2 >/proc/sys/net/ipv4/tcp_syn_retries
echo 6 >/proc/sys/net/ipv4/tcp_retries2
mount --bind "$LAB/etc-hosts" /etc/hosts
ip link set lo up
# A fixed address: else the bridge takes the lowest of its ports, and a new tap makes every neighbour lose the host.
ip link add br0 address "02:77:00:00:00:1$(host_index "$name")" type bridge forward_delay 0
ip addr add "$(host_ip "$name")/24" dev br0
ip -6 addr add "fd77::1$(host_index "$name")/64" dev br0 nodad
ip link set br0 up
until ip link show uplink >/dev/null 2>&1; do sleep 0.02; done
ip link set uplink master br0 up
/usr/sbin/sshd -D -f "$root/sshd_config" &
keep() { while :; do "$@" || true; sleep 0.5; done; }   # restarted when it dies, as an init would
keep /usr/sbin/libvirtd --listen --pid-file /run/libvirtd.pid --config /etc/libvirt/libvirtd.conf &
wait
