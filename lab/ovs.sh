#!/usr/bin/env bash
# Open vSwitch in user space on the lab's hosts: a bridge ovs0 with an uplink into br0. Ends with the lab.
#   ovs.sh up HOST...      installs it if it is not there, and starts it
#   ovs.sh ports HOST      the ports of its bridge
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"
install() {
  command -v ovs-vswitchd >/dev/null && return
  say "installing Open vSwitch (once)"
  export DEBIAN_FRONTEND=noninteractive
  # No daemon of the machine's own is started.
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d
  apt-get install -qy --no-install-recommends openvswitch-switch >&2 || { apt-get update -q >&2 && apt-get install -qy --no-install-recommends openvswitch-switch >&2; }
  rm /usr/sbin/policy-rc.d
}
START='
[ ! -e /run/openvswitch/ovs-vswitchd.pid ] || exit 0
mkdir -p /run/openvswitch
ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server /run/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --pidfile --detach --no-chdir --log-file=/run/openvswitch/db.log 2>/dev/null
ovs-vsctl --no-wait init
ovs-vswitchd unix:/run/openvswitch/db.sock --pidfile --detach --no-chdir --log-file=/run/openvswitch/switch.log 2>/dev/null
ip link add to-ovs type veth peer name from-br
ip link set to-ovs master br0 up; ip link set from-br up
ovs-vsctl --timeout=20 add-br ovs0 -- set bridge ovs0 datapath_type=netdev -- add-port ovs0 from-br'
case "${1:-}" in
  up) install; shift; for host; do inside "$host" sh -ec "$START"; done ;;
  ports) inside "$2" ovs-vsctl --timeout=5 list-ports ovs0 ;;
  *) sed -n '2,4s/^# *//p' "$0"; exit 2 ;;
esac
