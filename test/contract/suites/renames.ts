/** What every host promises of renames. */
import type { HostFiles } from '../../../drivers/interfaces/storage.js';
import type { OpenedSite } from './fresh.js';
import { diskAt } from './guest.js';
import { inside, LIKE, MINE } from './site.js';

/** Declares the tests. */
export function describeRenames(at: OpenedSite): void {
  const files = (): HostFiles => at.site.near.storage.files;
  const path = (name: string) => inside(at.site, name);
  const put = (name: string, content = name) => at.site.write(at.site.near, path(name), content);
  const here = async (...names: string[]) => files().existing(names.map(path));

  it('a file, and a folder with what is in it, there and back, each twice', async () => {
    await put('vm/disk', 'content');
    await put('single');
    const there = [
      { from: path('vm'), to: path('vm_resize') },
      { from: path('single'), to: path('single_resize') },
    ];
    const back = there.map(({ from, to }) => ({ from: to, to: from }));
    const old = ['vm', 'vm/disk', 'single'];
    const fresh = ['vm_resize', 'vm_resize/disk', 'single_resize'];

    await files().rename(there);
    await files().rename(there);
    expect(await here(...old, ...fresh)).toEqual(fresh.map(path));

    await files().rename(back);
    await files().rename(back);
    expect(await here(...old, ...fresh)).toEqual(old.map(path));
  });

  it('none over something, and none where nothing is', async () => {
    await put('a', 'content of a');
    await put('b', 'content of b');
    const stale = { code: 'SOURCE_STALE' };

    await expect(files().rename([{ from: path('a'), to: path('b') }])).rejects.toMatchObject(stale);
    await expect(files().rename([{ from: path('never'), to: path('nor') }])).rejects.toMatchObject(
      stale,
    );
    expect(await here('a', 'b')).toHaveLength(2);
  });

  it('a renamed folder takes its files’ marks along', async () => {
    await put('vm/other');
    await files().makeDisk(diskAt(path('vm/disk')), MINE, LIKE);
    await files().rename([{ from: path('vm'), to: path('vm_resize') }]);

    expect(await files().owned([path('vm/disk'), path('vm_resize/disk')], MINE)).toEqual([
      path('vm_resize/disk'),
    ]);
  });
}
