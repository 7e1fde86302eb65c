/** What every host promises of the kinds of disks. */
import type { Disk } from '../../../model/storage.js';
import { codeThrownBy } from '../../helpers/thrown.js';
import type { OpenedSite } from './fresh.js';
import { diskAt, diskOf } from './guest.js';
import { inside, LIKE, MINE } from './site.js';

const UNSUITABLE = { code: 'STORAGE_UNSUITABLE' };
const UNREACHABLE = { code: 'VOLUME_UNREACHABLE' };

/** Declares the tests. */
export function describeKinds(at: OpenedSite): void {
  const kindOf = (disk: Disk) => at.site.near.storage.kindOf(disk);

  it('a file can be copied, and needs no connection', async () => {
    const disk = diskAt(inside(at.site, 'disk'));
    await at.site.near.storage.files.makeDisk(disk, MINE, LIKE);
    const kind = kindOf(disk);

    expect(kind.abilities).toEqual({ isVolume: false, canCopy: true, hasIdentity: false });
    expect(kind.describe(disk)).toEqual([]);
    for (const verb of ['connect', 'connect', 'disconnect', 'disconnect'] as const)
      await expect(kind[verb](disk)).resolves.toBeUndefined();
  });

  it('an iSCSI volume is the same everywhere, and is connected and disconnected, each twice', async () => {
    const { volume } = at.site;
    const kind = kindOf(volume);

    expect(kind.abilities).toEqual({ isVolume: true, canCopy: false, hasIdentity: false });
    for (const verb of ['disconnect', 'connect', 'connect', 'disconnect', 'disconnect'] as const)
      await expect(kind[verb](volume)).resolves.toBeUndefined();
    expect(await kind.inspect(volume)).toMatchObject({
      capacityBytes: expect.any(Number) as number,
      backing: [],
      holds: [],
    });
  });

  it('a volume that cannot be read is told, and its end is fine', async () => {
    const { lostVolume } = at.site;
    const kind = kindOf(lostVolume);

    await expect(kind.connect(lostVolume)).rejects.toMatchObject(UNREACHABLE);
    await expect(kind.inspect(lostVolume)).rejects.toMatchObject(UNREACHABLE);
    await expect(kind.disconnect(lostVolume)).resolves.toBeUndefined();
  });

  it('a volume without a portal cannot be connected', async () => {
    const homeless = diskOf({ kind: 'network', protocol: 'iscsi', name: 'iqn.x:y/1', hosts: [] });

    await expect(kindOf(homeless).connect(homeless)).rejects.toMatchObject(UNSUITABLE);
  });

  it('a volume of another protocol is none', () => {
    const hosts = [{ name: '10.77.0.1', port: 1 }];
    const disk = diskOf({ kind: 'network', protocol: 'gluster', name: 'p/v', hosts });

    expect(codeThrownBy(() => kindOf(disk))).toBe(UNSUITABLE.code);
  });

  it('a block device has an identity; what is no device is told, and what is there instead', async () => {
    const path = inside(at.site, 'no-device');
    await at.site.write(at.site.near, path, 'x');
    const { devices } = at.site.near.storage;
    const kind = kindOf(diskOf({ kind: 'block', path }));

    expect(kind.abilities).toEqual({ isVolume: false, canCopy: false, hasIdentity: true });
    await expect(kind.inspect(diskOf({ kind: 'block', path }))).rejects.toMatchObject(UNSUITABLE);
    const found = await devices.facts([path, '/dev/never']);
    expect(found.map((one) => one.kind)).toEqual(['file', 'absent']);
    expect(await devices.facts([])).toEqual([]);
    await expect(devices.samples('/dev/never')).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });
}
