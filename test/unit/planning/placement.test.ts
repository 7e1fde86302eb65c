/** Maps: which disks and ports they move, and to where. */
import { parseDomain } from '../../../guest/xml/domain.js';
import { guestXml } from '../../../drivers/fake/build.js';
import { HostName, HostPath } from '../../../model/ids.js';
import { AnyMap, NetworkMap, StorageMap } from '../../../model/mapping.js';
import type { Vm } from '../../../model/vm.js';
import { idleMaps, placementBy } from '../../../planning/placement.js';

/** vda is /srv/shared/vm1/disk0, vdb /var/lib/libvirt/images/vm1/disk1; one port on br0. */
const guest = (): Vm => {
  const xml = guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'local'] });
  return { ...parseDomain(xml), host: HostName.parse('h1'), state: 'running', isAutostart: false };
};
const MAC = '52:54:00:77:00:01';
const onNetwork = (network: string): Vm => {
  const vm = guest();
  return { ...vm, ports: vm.ports.map((port) => ({ ...port, network })) };
};
const pathsBy = (...lists: string[][]) =>
  Object.fromEntries(
    Object.entries(placementBy(guest(), lists).disks).map(([device, source]) => [
      device,
      source.kind === 'file' ? source.path : '?',
    ]),
  );

it.each<[string, string[], Record<string, string>]>([
  ['one folder', ['/srv/shared=/mnt/nfs'], { vda: '/mnt/nfs/vm1/disk0' }],
  ['a slash at an end is none', ['/srv/shared/=/mnt/nfs/'], { vda: '/mnt/nfs/vm1/disk0' }],
  ['the guest’s own folder', ['/srv/shared/vm1=/x'], { vda: '/x/disk0' }],
  ['the inner of two folders', ['/srv=/a', '/srv/shared=/b'], { vda: '/b/vm1/disk0' }],
  ['no folder that only begins alike', ['/srv/share=/a'], {}],
  ['a file is no folder', ['/srv/shared/vm1/disk0=/a/b'], {}],
])('takes disks along: %s', (_what, maps, expected) => {
  expect(pathsBy(maps)).toEqual(expected);
});

it('a copy is to be of another format, whatever writes to nothing keeps its own', () => {
  const { disks } = guest();
  const vm = { ...guest(), disks: disks.map((disk, i) => ({ ...disk, isReadOnly: i === 0 })) };
  const maps = ['format:qcow2=format:raw', 'format:raw=format:qcow2'];

  expect(placementBy(vm, [[], maps]).formats).toEqual({ vdb: 'raw' });
  expect(idleMaps(vm, maps)).toEqual(['format:raw=format:qcow2']);
  expect(StorageMap.safeParse('format:qcow2=format:vmdk').success).toBe(false);
  expect(StorageMap.safeParse('format:qcow2=/srv').success).toBe(false);
});

it.each([
  ['a file into a device', 'local', '/srv/x.raw', '/srv/x.raw=/dev/vg0/x', 'block', '/dev/vg0/x'],
  ['a device into a file', 'block', '/dev/vg0/x', '/dev/vg0=/srv/vms', 'file', '/srv/vms/x'],
  ['a device into a device', 'block', '/dev/vg0/x', '/dev/vg0=/dev/vg1', 'block', '/dev/vg1/x'],
  ['a device by links', 'block', '/srv/by-id/x', '/srv/by-id=/srv/luns', 'block', '/srv/luns/x'],
] as const)('turns %s', (_what, kind, path, map, kindThere, to) => {
  const vm = guest();
  const source = { kind: kind === 'block' ? kind : 'file', path: HostPath.parse(path) } as const;
  const disks = vm.disks.slice(0, 1).map((one) => ({ ...one, source }));

  expect(placementBy({ ...vm, disks }, [[map]]).disks).toEqual({
    vda: { kind: kindThere, path: to },
  });
});

it('asks the request before the host', () => {
  const ofHost = ['/srv/shared=/host', '/var/lib/libvirt/images=/fast'];

  expect(pathsBy(['/srv/shared=/request'], ofHost)).toEqual({
    vda: '/request/vm1/disk0',
    vdb: '/fast/vm1/disk1',
  });
});

it.each<[string, Vm, string, object]>([
  ['a bridge to a bridge', guest(), 'br0=br-lan', { bridge: 'br-lan' }],
  ['a bridge to a network', guest(), 'br0=network:office', { network: 'office' }],
  ['a network to another', onNetwork('lan'), 'network:lan=network:office', { network: 'office' }],
  ['a network to a bridge', onNetwork('lan'), 'network:lan=br9', { bridge: 'br9' }],
])('takes interfaces along: %s', (_what, vm, map, target) => {
  expect(placementBy(vm, [[map]]).ports).toEqual({ [MAC]: target });
});

it('leaves a network alone where its bridge is mapped: the network says which bridge it is', () => {
  expect(placementBy(onNetwork('lan'), [['br0=br9']]).ports).toEqual({});
});

it('names the maps that meet nothing', () => {
  const maps = ['/srv/shared=/x', '/srv/sharde=/x', 'br1=br2'];

  expect(idleMaps(guest(), maps)).toEqual(['/srv/sharde=/x', 'br1=br2']);
});

it.each([
  [StorageMap, '/a=/b', true],
  [StorageMap, '/data/vms=/srv/images', true],
  [StorageMap, '/=/b', false],
  [StorageMap, 'a=/b', false],
  [StorageMap, '/a=/b/../etc', false],
  [StorageMap, '/a=b', false],
  [StorageMap, '/a', false],
  [StorageMap, '/a=/b=/c', false],
  [NetworkMap, 'br0=br-lan', true],
  [NetworkMap, 'network:lan a=network:büro', true],
  [NetworkMap, 'br0', false],
  [NetworkMap, 'br 0=br1', false],
  [NetworkMap, 'br0=a-name-that-is-too-long', false],
  [AnyMap, '/a=/b', true],
  [AnyMap, 'br0=network:x', true],
  [AnyMap, '/a=br0', false],
])('reads %#: %s', (schema, text, isRight) => {
  expect(schema.safeParse(text).success).toBe(isRight);
});
