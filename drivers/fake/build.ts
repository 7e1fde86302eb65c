/** Builds a fake data centre: three hosts, and guests with the disks that a test asks for. */
import { Host } from '../../model/host.js';
import { HostName, VmUuid } from '../../model/ids.js';
import { DROVER_NAMESPACE, parseDomain } from '../../guest/xml/domain.js';
import type { FakeFile, FakeGuest, FakeHost, FakeWorld } from './world.js';

/**
 * Kinds of disks: on the shared folder, an iSCSI volume, a block device that every host sees, one that each host has for itself, a local overlay, a local read-only ISO; and what is no disk and travels
 * too: a UEFI guest's variables, a TPM, a snapshot in its local disk, a neighbour that is off and has a disk over its backing file.
 */
export type DiskKind =
  | 'shared'
  | 'volume'
  | 'lun'
  | 'device'
  | 'local'
  | 'iso'
  | 'nvram'
  | 'tpm'
  | 'snapshot'
  | 'neighbour'
  | 'key';

/** Those that are disks. */
const DISKS: readonly DiskKind[] = ['shared', 'volume', 'lun', 'device', 'local', 'iso'];

const SHARED = '/srv/shared';
const IMAGES = '/var/lib/libvirt/images';
const NVRAM_FOLDER = '/var/lib/libvirt/qemu/nvram';
const GIB = 1024 ** 3;

const CERTIFICATES = ['ca-cert', 'server-cert', 'server-key', 'client-cert', 'client-key'].map(
  (name) => `${name}.pem`,
);

/** A guest to put on a host. */
export interface GuestRecipe {
  readonly number: number;
  readonly name: string;
  readonly host: string;
  readonly disks: readonly DiskKind[];
}

/** Three equal hosts h1, h2, h3; h1 has the backing file, and so does the image store. */
export function buildWorld(guests: readonly GuestRecipe[]): FakeWorld {
  const world: FakeWorld = {
    hosts: new Map(['h1', 'h2', 'h3'].map((name) => [HostName.parse(name), buildHost(name)])),
    sharedFolders: [SHARED],
    sharedFiles: new Map([[SHARED, { content: '', isFolder: true }]]),
    imageStore: new Map([['base.qcow2', 'base image']]),
    portals: ['10.77.0.1'],
    watchers: new Set(),
    jobs: new Map(),
    transfer: 'succeeds',
    isLinkCut: false,
    splitBrains: [],
  };
  for (const guest of guests) addGuest(world, guest);
  return world;
}

function buildHost(name: string): FakeHost {
  return {
    record: Host.parse({
      name,
      ssh: { user: 'root', address: name, port: 22 },
      libvirtUri: `qemu+tcp://${name}/system`,
    }),
    facts: {
      hostUuid: `host ${name}`,
      memoryBytes: 8 * GIB,
      freeMemoryBytes: 6 * GIB,
      cpus: 4,
      arch: 'x86_64',
      cpuModel: 'qemu64',
      libvirtVersion: 9_000_000,
      qemuVersion: 7_002_000,
      machines: ['pc-q35-7.2'],
      virtTypes: ['kvm'],
      bridges: ['br0'],
      networks: [{ name: 'lan', isActive: true, bridge: 'br0', mode: 'bridge', portgroups: [] }],
    },
    rendered: new Map(),
    mounts: new Map([
      ['/', 'ext4'],
      [SHARED, 'nfs4'],
    ]),
    pools: new Map([['default', { folder: IMAGES, isActive: true, listed: new Set() }]]),
    hasSwtpm: true,
    droppedPorts: new Set(),
    nwfilters: new Set(['clean-traffic']),
    allotments: { cache: [], bandwidth: [], monitors: [] },
    secrets: new Map(),
    surroundings: {
      addresses: [{ address: name, prefixLength: 24 }],
      listening: [22, 16509, 16514],
      hugePages: [{ sizeKib: 2048, free: 0 }],
      taken: [],
      defaultHugePageKib: 2048,
    },
    lacks: new Set(),
    devices: new Map(),
    switches: new Set(),
    clockAheadMs: 0,
    equipment: {
      hasKvm: true,
      hasBridgeRules: true,
      certificates: {
        folder: '/etc/pki/qemu',
        files: CERTIFICATES,
        asksClients: true,
        authority: 'the fleet’s',
        isEnding: false,
        isForAnother: false,
      },
    },
    guests: new Map(),
    files: new Map<string, FakeFile>([
      ...[IMAGES, NVRAM_FOLDER, '/var/lib/libvirt/swtpm'].map(
        (path) => [path, { content: '', isFolder: true }] as const,
      ),
      ['/usr/bin/qemu-system-x86_64', { content: 'QEMU', isFolder: false }],
    ]),
    marks: new Map(),
    signed: new Map(),
    bindings: new Map(),
    volumes: new Set(),
    listeners: new Set(),
    lacksCpuFeatures: new Set(['amx-tile']),
    givenCpu: `<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='avx2'/></cpu>`,
    freeBytes: 100 * GIB,
    logs: new Map(),
  };
}

/** The XML of a guest of the fake data centre; also what unit tests start from. */
export function guestXml({ number, name, disks }: GuestRecipe): string {
  const mac = `52:54:00:77:00:0${number}`;
  return `<domain type='kvm'><name>${name}</name><uuid>77000000-0000-4000-8000-00000000000${number}</uuid>
<metadata><drover:vm xmlns:drover='${DROVER_NAMESPACE}'><drover:project>lab</drover:project><drover:port mac='${mac}' ip='10.77.0.10${number}' groups='web'/></drover:vm></metadata>
<memory unit='GiB'>1</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>${disks.includes('nvram') ? `<nvram>${NVRAM_FOLDER}/${name}_VARS.fd</nvram>` : ''}</os><cpu mode='custom'><model>qemu64</model><feature policy='require' name='erms'/></cpu>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${disks.map((kind, index) => diskXml({ name, disks }, kind, index)).join('')}
<graphics type='vnc' port='-1' autoport='yes' passwd='console of ${name}'/>${disks.includes('tpm') ? TPM : ''}
<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/><target dev='vnet${number}'/><model type='virtio'/></interface></devices></domain>`;
}

const TPM = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;

const KEY = '77000000-0000-4000-8000-0000000000ce';
const ENCRYPTION = `<encryption format='luks'><secret type='passphrase' uuid='${KEY}'/></encryption>`;
const SECRET = `<secret ephemeral='no' private='no'><uuid>${KEY}</uuid><usage type='volume'><volume>vm</volume></usage></secret>`;

function diskXml(
  { name, disks: all }: Pick<GuestRecipe, 'name' | 'disks'>,
  kind: DiskKind,
  index: number,
): string {
  if (!DISKS.includes(kind)) return '';
  const target = `<target dev='vd${'abcdef'[index] ?? ''}' bus='virtio'/>`;
  if (kind === 'volume') {
    return `<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='iscsi' name='iqn.2026-11.lab:${name}/${index}'><host name='10.77.0.1' port='3260'/></source>${target}</disk>`;
  }
  if (kind === 'lun' || kind === 'device') {
    const path = kind === 'lun' ? LUN : deviceOf(index);
    return `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none'/><source dev='${path}'/>${target}</disk>`;
  }
  const format = kind === 'iso' ? 'raw' : 'qcow2';
  const readOnly = kind === 'iso' ? '<readonly/>' : '';
  const encryption = kind === 'shared' && all.includes('key') ? ENCRYPTION : '';
  return `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${pathOf(name, kind, index)}'/>${target}${readOnly}${encryption}</disk>`;
}

/** Its name is the same on every host, as those of /dev/disk/by-id are. */
export const LUN = '/dev/disk/by-id/wwn-0x6001405000000001';

/** A logical volume that each host has under this name; the others' are empty. */
export const deviceOf = (index: number): string => `/dev/vg0/disk${index}`;

const pathOf = (name: string, kind: DiskKind, index: number): string =>
  `${kind === 'shared' ? SHARED : IMAGES}/${name}/disk${index}`;

function addGuest(world: FakeWorld, recipe: GuestRecipe): void {
  const host = hostIn(world, recipe.host);
  const xml = guestXml(recipe);
  const { uuid, ports } = parseDomain(xml);
  const guest: FakeGuest = {
    name: recipe.name,
    state: 'running',
    isPersistent: true,
    isAutostart: true,
    xml,
    definition: xml,
  };
  host.guests.set(VmUuid.parse(uuid), guest);
  for (const port of ports) host.bindings.set(port.mac, { port, state: 'active' });
  recipe.disks.forEach((kind, index) => {
    if (DISKS.includes(kind)) addDisk(world, recipe, kind, index);
    else addBelonging(host, recipe, kind, guest);
  });
}

const hostIn = (world: FakeWorld, name: string): FakeHost =>
  world.hosts.get(HostName.parse(name)) as FakeHost;

function addDisk(
  world: FakeWorld,
  { name, host: on, disks }: GuestRecipe,
  kind: DiskKind,
  index: number,
) {
  const host = hostIn(world, on);
  const path = pathOf(name, kind, index);
  const folder = path.slice(0, path.lastIndexOf('/'));
  if (kind === 'volume') return void host.volumes.add(`iqn.2026-11.lab:${name}/${index}`);
  if (kind === 'lun') {
    const device = { ids: { wwn: '6001405000000001' }, users: [], content: 'a b c d' };
    for (const each of world.hosts.values()) each.devices.set(LUN, device);
    return;
  }
  if (kind === 'device') {
    for (const each of world.hosts.values())
      each.devices.set(deviceOf(index), {
        ids: { dm: `LVM-${each.record.name}-${index}` },
        users: [],
        content: each === host ? `data of ${name}` : '',
      });
    return;
  }
  const files = kind === 'shared' ? world.sharedFiles : host.files;
  const held = disks.includes('snapshot') && kind === 'local' ? ' snapshot:before' : '';
  const content = kind === 'local' ? `data of ${name}${held} over:${BASE}` : `data of ${name}`;
  files.set(folder, { content: '', isFolder: true, owned: 'root:root:0711' });
  files.set(path, { content, isFolder: false, owned: 'libvirt-qemu:kvm:0600' });
  if (kind !== 'local') return;
  host.files.set(`${IMAGES}/_base`, { content: '', isFolder: true });
  host.files.set(BASE, { content: 'base image', isFolder: false });
}

const BASE = `${IMAGES}/_base/base.qcow2`;

/** What belongs to the guest beside its disks, or to its neighbour. */
function addBelonging(
  host: FakeHost,
  { name, number }: GuestRecipe,
  kind: DiskKind,
  guest: FakeGuest,
): void {
  if (kind === 'nvram')
    host.files.set(`${NVRAM_FOLDER}/${name}_VARS.fd`, {
      content: `variables of ${name}`,
      isFolder: false,
      owned: 'libvirt-qemu:kvm:0600',
    });
  if (kind === 'snapshot')
    guest.snapshots = [{ name: 'before', isExternal: false, isCurrent: true }];
  if (kind === 'tpm')
    addTpmState(host, `77000000-0000-4000-8000-00000000000${number}`, `keys of ${name}`);
  if (kind === 'key') host.secrets.set(KEY, { xml: SECRET, value: 'a2V5' });
  if (kind === 'neighbour') addNeighbour(host);
}

/** As libvirt and swtpm lay it down. */
export function addTpmState(host: FakeHost, uuid: string, content: string): void {
  const folder = `/var/lib/libvirt/swtpm/${uuid}`;
  for (const [path, mode] of [
    [folder, '0711'],
    [`${folder}/tpm2`, '0700'],
  ] as const)
    if (!host.files.has(path))
      host.files.set(path, { content: '', isFolder: true, owned: `tss:tss:${mode}` });
  host.files.set(`${folder}/tpm2/tpm2-00.permall`, {
    content,
    isFolder: false,
    owned: 'tss:tss:0600',
  });
}

/** Off, with a disk in the guest's own base folder's company: nothing of it may change. */
function addNeighbour(host: FakeHost): void {
  const recipe: GuestRecipe = { number: 9, name: 'near1', host: '', disks: ['local'] };
  const xml = guestXml(recipe);
  const { uuid } = parseDomain(xml);
  host.guests.set(uuid, {
    name: 'near1',
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml,
    definition: xml,
  });
  host.files.set(`${IMAGES}/near1`, { content: '', isFolder: true });
  host.files.set(`${IMAGES}/near1/disk0`, {
    content: `data of near1 over:${BASE}`,
    isFolder: false,
  });
}
