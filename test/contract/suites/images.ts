/** What every host says of images and of what lies below them, and how one is written into the other. */
import type { HostFiles } from '../../../drivers/interfaces/storage.js';
import type { OpenedSite } from './fresh.js';
import { DISK_BYTES, diskAt } from './guest.js';
import { inside, LIKE, MINE } from './site.js';

/** Declares the tests. */
export function describeImages(at: OpenedSite): void {
  const files = (): HostFiles => at.site.near.storage.files;
  const path = (name: string) => inside(at.site, name);
  const qcow2 = (name: string) => ({ path: path(name), format: 'qcow2' });
  const inspect = (name: string) => {
    const disk = diskAt(path(name));
    return at.site.near.storage.kindOf(disk).inspect(disk);
  };
  /** `top` over `middle` over `bottom`. */
  const makeChain = async () => {
    await files().makeDisk(diskAt(path('bottom')), MINE, LIKE);
    await files().makeDisk(diskAt(path('middle'), path('bottom')), MINE, LIKE);
    await files().makeDisk(diskAt(path('top'), path('middle')), MINE, LIKE);
  };
  const lose = (name: string) => files().remove([path(name)]);

  it('a disk with its size and all that it lies over', async () => {
    await makeChain();

    expect(await inspect('top')).toMatchObject({
      capacityBytes: DISK_BYTES,
      holds: [],
      backing: [qcow2('middle'), qcow2('bottom')],
    });
  });

  it('a disk that is not there, and one over what is not there, are told apart', async () => {
    await makeChain();
    await lose('bottom');

    await expect(inspect('never')).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
    await expect(inspect('top')).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('chains, as many as are asked for, in their order', async () => {
    await makeChain();
    const [bottom, top, again] = await files().chains([
      qcow2('bottom'),
      { path: path('top'), format: '' },
      qcow2('top'),
    ]);

    expect(bottom?.layers.map((layer) => layer.path)).toEqual([path('bottom')]);
    expect(bottom?.layers[0]).toMatchObject({ capacityBytes: DISK_BYTES, holds: [] });
    expect(top?.layers.map((layer) => layer.path)).toEqual(['top', 'middle', 'bottom'].map(path));
    expect(top?.layers[0]).toMatchObject({ format: 'qcow2', below: qcow2('middle') });
    expect(top).not.toHaveProperty('problem');
    expect(again?.layers).toHaveLength(3);
    expect(await files().chains([])).toEqual([]);
  });

  it('a chain as far as it can be read, and where it cannot', async () => {
    await makeChain();
    await lose('middle');
    const [never, top] = await files().chains([qcow2('never'), qcow2('top')]);

    const problem = expect.any(String) as string;
    expect(never).toEqual({ layers: [], problem, problemAt: path('never') });
    expect(top).toMatchObject({ problem, problemAt: path('middle') });
    expect(top?.layers.map((layer) => layer.path)).toEqual([path('top')]);
  });

  it('an overlay is written into its base and is gone, with its marks; again is fine', async () => {
    await makeChain();
    await files().absorb(path('top'), path('middle'), 'qcow2');
    await files().absorb(path('top'), path('middle'), 'qcow2');

    expect(await files().existing([path('top'), path('middle')])).toEqual([path('middle')]);
    expect(await files().owned([path('top')], MINE)).toEqual([]);
    expect((await inspect('middle')).backing).toMatchObject([qcow2('bottom')]);
  });

  it('an overlay whose base is not there stays', async () => {
    await makeChain();
    await lose('middle');

    await expect(files().absorb(path('top'), path('middle'), 'qcow2')).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    });
    expect(await files().existing([path('top')])).toEqual([path('top')]);
  });
}
