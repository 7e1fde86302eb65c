/** What every host promises of the kinds of disks. */
import { HostPath } from '../../../model/ids.js';
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

    expect(kind.abilities).toEqual({ isVolume: false, canCopy: true });
    expect(kind.describe(disk)).toEqual([]);
    for (const verb of ['connect', 'connect', 'disconnect', 'disconnect'] as const)
      await expect(kind[verb](disk)).resolves.toBeUndefined();
  });

  it('an iSCSI volume is the same everywhere, and is connected and disconnected, each twice', async () => {
    const { volume } = at.site;
    const kind = kindOf(volume);

    expect(kind.abilities).toEqual({ isVolume: true, canCopy: false });
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

  it.each([
    ['a block device', { kind: 'block', path: HostPath.parse('/dev/never') }],
    ['a volume of another protocol', { kind: 'network', protocol: 'rbd', name: 'p/v', hosts: [] }],
  ] as const)('%s is none', (_case, source) => {
    const disk = diskOf(
      source.kind === 'network' ? { ...source, hosts: [{ name: '10.77.0.1', port: 1 }] } : source,
    );

    expect(codeThrownBy(() => kindOf(disk))).toBe(UNSUITABLE.code);
  });
}
