/** Two hosts of the fake data centre for the contract suites. */
import { defined } from '../../model/defined.js';
import { dirname } from 'node:path';
import { buildWorld } from '../../drivers/fake/build.js';
import { fakeDataCentre } from '../../drivers/fake/data-centre.js';
import { hostOf, newInode, type FakeGuest, type FakeWorld } from '../../drivers/fake/world.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { HostName, HostPath, type VmUuid } from '../../model/ids.js';
import { diskOf } from '../contract/suites/guest.js';
import type { ContractSite } from '../contract/suites/site.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const FOLDER = HostPath.parse('/var/lib/libvirt/images/suites');
const volumeAt = (portal: string) =>
  diskOf({
    kind: 'network',
    protocol: 'iscsi',
    name: 'iqn.2026-11.lab:suites/1',
    hosts: [{ name: portal, port: 3260 }],
  });

/** A world of its own. */
export async function fakeContractSite(): Promise<ContractSite> {
  const world = buildWorld([]);
  const hosts = fakeDataCentre(world);
  const makeFolder = (name: HostName, path: string): void => {
    const { files } = hostOf(world, name);
    if (path !== '/' && !files.has(path)) {
      makeFolder(name, dirname(path));
      files.set(path, { content: '', isFolder: true });
    }
  };
  const below = (map: ReadonlyMap<string, unknown>) =>
    [...map.keys()].filter((path) => path.startsWith(FOLDER));
  const wipe = () => {
    for (const name of [H1, H2]) {
      const { files, marks } = hostOf(world, name);
      for (const path of below(files)) files.delete(path);
      for (const path of below(marks)) marks.delete(path);
      makeFolder(name, FOLDER);
    }
    return Promise.resolve();
  };
  await wipe();
  return {
    near: await hosts.on(H1),
    far: await hosts.on(H2),
    folder: FOLDER,
    wipe,
    write: async ({ host }, path, content) => {
      makeFolder(host.name, dirname(path));
      const { files } = hostOf(world, host.name);
      const inode = files.get(path)?.inode ?? newInode();
      files.set(path, { inode, content, isFolder: false });
    },
    link: async ({ host }: HostDrivers, path, to) => {
      makeFolder(host.name, to);
      hostOf(world, host.name).files.set(path, { content: '', isFolder: false, linkTo: to });
    },
    forget: async (uuid) => {
      for (const name of [H1, H2]) hostOf(world, name).guests.delete(uuid);
    },
    virsh: virshOn(world),
    answering: { address: 'h2', port: 16509 },
    nowhere: { address: 'h9', port: 22 },
    silent: { address: 'h2', port: 1 },
    volume: volumeAt('10.77.0.1'),
    lostVolume: volumeAt('127.0.0.1'),
    close: () => Promise.resolve(),
  };
}

/** What virsh makes of a guest. */
function virshOn(world: FakeWorld): ContractSite['virsh'] {
  const guestOf = (uuid: VmUuid): FakeGuest => {
    const guest = hostOf(world, H1).guests.get(uuid);
    if (!guest) throw new Error(`h1 has no ${uuid}`);
    return guest;
  };
  return {
    saveMemory: async (uuid) => {
      Object.assign(guestOf(uuid), { hasManagedSave: true, state: 'shutoff' });
    },
    snapshot: async (uuid, name) => {
      const guest = guestOf(uuid);
      const older = (guest.snapshots ?? []).map((other) => ({ ...other, isCurrent: false }));
      guest.snapshots = [...older, { name, isExternal: false, isCurrent: true }];
    },
    defineFilter: async (name) => {
      hostOf(world, H1).nwfilters.add(name);
    },
    undefineFilter: async (name) => {
      hostOf(world, H1).nwfilters.delete(name);
    },
    defineSecret: async (xml, value) => {
      const uuid = /<uuid>(.*)<\/uuid>/.exec(xml)?.[1] ?? '';
      const encoded = value === undefined ? undefined : Buffer.from(value).toString('base64');
      hostOf(world, H1).secrets.set(uuid, defined({ xml, value: encoded }));
    },
    undefineSecret: async (uuid) => {
      hostOf(world, H1).secrets.delete(uuid);
    },
    checkpoint: async (uuid, name) => {
      const guest = guestOf(uuid);
      guest.checkpoints = [...(guest.checkpoints ?? []), name];
    },
  };
}
