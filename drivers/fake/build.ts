/** Builds a fake data centre: three hosts, and guests with the disks that a test asks for. */
import { Host } from '../../model/host.js';
import { HostName, VmUuid } from '../../model/ids.js';
import { DROVER_NAMESPACE, parseDomain } from '../libvirt/xml/domain.js';
import type { FakeGuest, FakeHost, FakeWorld } from './world.js';

/** Kinds of disks: on the shared folder, an iSCSI volume, a local overlay, a local read-only ISO; and a UEFI guest's variables. */
export type DiskKind = 'shared' | 'volume' | 'local' | 'iso' | 'nvram';

const SHARED = '/srv/shared';
const IMAGES = '/var/lib/libvirt/images';
const NVRAM_FOLDER = '/var/lib/libvirt/qemu/nvram';
const GIB = 1024 ** 3;

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
      ...{
        memoryBytes: 8 * GIB,
        freeMemoryBytes: 6 * GIB,
        cpus: 4,
        arch: 'x86_64',
        cpuModel: 'qemu64',
      },
      ...{
        libvirtVersion: 9_000_000,
        qemuVersion: 7_002_000,
        machines: ['pc-q35-7.2'],
        virtTypes: ['kvm'],
        bridges: ['br0'],
      },
    },
    guests: new Map(),
    files: new Map([IMAGES, NVRAM_FOLDER].map((path) => [path, { content: '', isFolder: true }])),
    marks: new Map(),
    bindings: new Map(),
    volumes: new Set(),
    listeners: new Set(),
    cpu: 'superset',
    freeBytes: 100 * GIB,
  };
}

/** The XML of a guest of the fake data centre; also what unit tests start from. */
export function guestXml({ number, name, disks }: GuestRecipe): string {
  const mac = `52:54:00:77:00:0${number}`;
  return `<domain type='kvm'><name>${name}</name><uuid>77000000-0000-4000-8000-00000000000${number}</uuid>
<metadata><drover:vm xmlns:drover='${DROVER_NAMESPACE}'><drover:project>lab</drover:project><drover:port mac='${mac}' ip='10.77.0.10${number}' groups='web'/></drover:vm></metadata>
<memory unit='GiB'>1</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>${disks.includes('nvram') ? `<nvram>${NVRAM_FOLDER}/${name}_VARS.fd</nvram>` : ''}</os><cpu mode='custom'><model>qemu64</model></cpu>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${disks.map((kind, index) => diskXml(name, kind, index)).join('')}
<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/><target dev='vnet${number}'/><model type='virtio'/></interface></devices></domain>`;
}

function diskXml(name: string, kind: DiskKind, index: number): string {
  if (kind === 'nvram') return '';
  const target = `<target dev='vd${'abcdef'[index] ?? ''}' bus='virtio'/>`;
  if (kind === 'volume') {
    return `<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='iscsi' name='iqn.2026-11.lab:${name}/${index}'><host name='10.77.0.1' port='3260'/></source>${target}</disk>`;
  }
  const format = kind === 'iso' ? 'raw' : 'qcow2';
  const readOnly = kind === 'iso' ? '<readonly/>' : '';
  return `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${pathOf(name, kind, index)}'/>${target}${readOnly}</disk>`;
}

const pathOf = (name: string, kind: DiskKind, index: number): string =>
  `${kind === 'shared' ? SHARED : IMAGES}/${name}/disk${index}`;

function addGuest(world: FakeWorld, recipe: GuestRecipe): void {
  const host = world.hosts.get(HostName.parse(recipe.host)) as FakeHost;
  const xml = guestXml(recipe);
  const { uuid, ports } = parseDomain(xml);
  const guest: FakeGuest = {
    name: recipe.name,
    state: 'running',
    isPersistent: true,
    isAutostart: true,
    xml,
  };
  host.guests.set(VmUuid.parse(uuid), guest);
  for (const port of ports) host.bindings.set(port.mac, { port, state: 'active' });
  recipe.disks.forEach((kind, index) => {
    if (kind === 'nvram')
      return void host.files.set(`${NVRAM_FOLDER}/${recipe.name}_VARS.fd`, {
        content: `variables of ${recipe.name}`,
        isFolder: false,
      });
    const path = pathOf(recipe.name, kind, index);
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (kind === 'volume') return void host.volumes.add(`iqn.2026-11.lab:${recipe.name}/${index}`);
    const files = kind === 'shared' ? world.sharedFiles : host.files;
    files.set(folder, { content: '', isFolder: true });
    files.set(path, {
      content:
        kind === 'local'
          ? `data of ${recipe.name} over:${IMAGES}/_base/base.qcow2`
          : `data of ${recipe.name}`,
      isFolder: false,
    });
    if (kind !== 'local') return;
    host.files.set(`${IMAGES}/_base`, { content: '', isFolder: true });
    host.files.set(`${IMAGES}/_base/base.qcow2`, { content: 'base image', isFolder: false });
  });
}
