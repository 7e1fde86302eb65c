/** Kinds of networks. */
import { execFileSync } from 'node:child_process';
import { onEveryHost } from '../everyday.js';
import type { Kind } from './kind.js';

const macOf = (number: number): string => `52:54:00:77:00:${number}`;

const bridge: Kind = {
  group: 'networks',
  name: 'Linux bridge',
  becomes: 'on the target’s bridge of that name, its rules before it',
  make: () => Promise.resolve({}),
};

const LAN = `<network><name>kinds-lan</name><forward mode='bridge'/><bridge name='br0'/></network>`;
const network: Kind = {
  group: 'networks',
  name: 'libvirt network on a bridge',
  becomes: 'on the target’s network of that name',
  async make({ number, undo }) {
    undo(() => onEveryHost('virsh -q net-destroy kinds-lan; virsh -q net-undefine kinds-lan'));
    await onEveryHost(
      `printf '%s' "$1" >/run/lan.xml && virsh -q net-define /run/lan.xml && virsh -q net-start kinds-lan`,
      LAN,
    );
    return {
      interfaces: `<interface type='network'><mac address='${macOf(number)}'/><source network='kinds-lan'/><model type='virtio'/></interface>`,
    };
  },
};

const macvtap: Kind = {
  group: 'networks',
  name: 'macvtap',
  becomes: 'on the target’s device of that name, if its address is free there',
  async make({ number, undo }) {
    undo(() => onEveryHost('ip link del kinds0'));
    await onEveryHost('ip link add kinds0 type veth peer name kinds1; ip link set kinds0 up');
    return {
      interfaces: `<interface type='direct'><mac address='${macOf(number)}'/><source dev='kinds0' mode='bridge'/><model type='virtio'/></interface>`,
    };
  },
};

const openVswitch: Kind = {
  group: 'networks',
  name: 'Open vSwitch bridge',
  becomes:
    'on the target’s bridge of that name, with its id and its VLANs; without security groups',
  make({ number }) {
    execFileSync('scripts/lab', ['ovs', 'up', 'h1', 'h2'], { stdio: 'ignore' });
    return Promise.resolve({
      interfaces: `<interface type='bridge'><mac address='${macOf(number)}'/><source bridge='ovs0'/><virtualport type='openvswitch'><parameters interfaceid='77000000-0000-4000-8000-0000000000${number}'/></virtualport><model type='virtio'/></interface>`,
    });
  },
};

const user: Kind = {
  group: 'networks',
  name: 'user (slirp)',
  becomes: 'as it is; its connections end',
  make: ({ number }) =>
    Promise.resolve({
      interfaces: `<interface type='user'><mac address='${macOf(number)}'/><model type='virtio'/></interface>`,
    }),
};

/** All of them. */
export const NETWORKS: readonly Kind[] = [bridge, network, openVswitch, macvtap, user];
