/** What every host promises of files that a migration makes: marked as its own, and only that is removed. */
import type { HostFiles } from '../../../drivers/interfaces/storage.js';
import type { OpenedSite } from './fresh.js';
import { diskAt } from './guest.js';
import { inside, LIKE, MINE, OTHERS } from './site.js';

const FOLDER_LIKE = { ...LIKE, mode: '0711' };
const STALE = { code: 'TARGET_STALE' };

/** Declares the tests. */
export function describeOwned(at: OpenedSite): void {
  const files = (): HostFiles => at.site.near.storage.files;
  const path = (name: string) => inside(at.site, name);
  const put = (name: string, content: string) => at.site.write(at.site.near, path(name), content);
  const here = (...names: string[]) => files().existing(names.map(path));

  it('a folder is made as the original was, once, and needs its parent', async () => {
    await files().makeFolder(path('vm'), MINE, FOLDER_LIKE);
    await files().makeFolder(path('vm'), MINE, FOLDER_LIKE);
    await files().makeFolder(path('vm'), OTHERS, FOLDER_LIKE);

    expect(await files().look([path('vm')])).toMatchObject([{ kind: 'folder', ...FOLDER_LIKE }]);
    expect(await files().owned([path('vm')], MINE)).toEqual([path('vm')]);
    expect(await files().owned([path('vm')], OTHERS)).toEqual([]);
    await expect(files().makeFolder(path('never/there'), MINE, FOLDER_LIKE)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    });
  });

  it('a disk is made as the original was, and what is in it stays when it is made again', async () => {
    await files().makeDisk(diskAt(path('disk')), MINE, LIKE);
    const made = await files().sha256(path('disk'));
    await put('disk', 'written since');
    await files().makeDisk(diskAt(path('disk')), MINE, LIKE);

    expect(await files().owned([path('disk')], MINE)).toEqual([path('disk')]);
    expect(await files().sha256(path('disk'))).not.toBe(made);
  });

  it('a disk of nobody’s, or of another migration’s, is not touched', async () => {
    await put('disk', 'of nobody');
    await files().makeDisk(diskAt(path('other')), OTHERS, LIKE);

    await expect(files().makeDisk(diskAt(path('disk')), MINE, LIKE)).rejects.toMatchObject(STALE);
    await expect(files().makeDisk(diskAt(path('other')), MINE, LIKE)).rejects.toMatchObject(STALE);
    expect(await files().owned([path('disk'), path('other')], MINE)).toEqual([]);
  });

  it('only what is this migration’s own is removed, and nothing twice', async () => {
    await put('nobodys', 'of nobody');
    await files().makeDisk(diskAt(path('mine')), MINE, LIKE);
    await files().makeDisk(diskAt(path('others')), OTHERS, LIKE);
    const all = ['nobodys', 'mine', 'others', 'never'].map(path);

    await files().removeOwned(all, MINE);
    await files().removeOwned(all, MINE);

    expect(await files().existing(all)).toEqual(['nobodys', 'others'].map(path));
    expect(await files().owned(all, OTHERS)).toEqual([path('others')]);
  });

  it('a folder is removed after its files, and not before', async () => {
    await files().makeFolder(path('vm'), MINE, FOLDER_LIKE);
    await files().makeDisk(diskAt(path('vm/disk')), MINE, LIKE);

    await expect(files().removeOwned([path('vm')], MINE)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    });
    expect(await files().owned([path('vm')], MINE)).toEqual([path('vm')]);
    await files().removeOwned([path('vm/disk'), path('vm')], MINE);
    expect(await here('vm', 'vm/disk')).toEqual([]);
    expect(await files().owned([path('vm'), path('vm/disk')], MINE)).toEqual([]);
  });

  it('a folder in which somebody has something by now stays, and is no longer its maker’s', async () => {
    await files().makeFolder(path('vm'), MINE, FOLDER_LIKE);
    await put('vm/anothers', 'of another');

    const stays = await files().removeOwned([path('vm')], MINE);

    expect(stays).toEqual([{ path: path('vm'), because: 'not empty' }]);
    expect(await here('vm', 'vm/anothers')).toEqual(['vm', 'vm/anothers'].map(path));
    expect(await files().owned([path('vm')], MINE)).toEqual([]);
  });

  it('a file that somebody has put in the place of one that was made stays', async () => {
    await files().makeDisk(diskAt(path('disk')), MINE, LIKE);
    await put('other', 'of another');
    await files().remove([path('disk')]);
    await files().rename([{ from: path('other'), to: path('disk') }]);

    const stays = await files().removeOwned([path('disk')], MINE);

    expect(stays).toEqual([{ path: path('disk'), because: 'another file' }]);
    expect(await here('disk')).toEqual([path('disk')]);
  });

  it('what is kept is nobody’s own any more, and stays', async () => {
    await files().makeDisk(diskAt(path('disk')), MINE, LIKE);
    await files().keep([path('disk'), path('never')]);
    await files().keep([path('disk')]);
    await files().removeOwned([path('disk')], MINE);

    expect(await here('disk')).toEqual([path('disk')]);
    expect(await files().owned([path('disk')], MINE)).toEqual([]);
  });

  it('a last copy stays, says what it is, and can be said so again', async () => {
    await files().makeDisk(diskAt(path('disk')), MINE, LIKE);
    await files().keepLast([path('disk'), path('never')], MINE);
    await files().keepLast([path('disk')], MINE);
    await files().removeOwned([path('disk')], MINE);

    expect(await here('disk')).toEqual([path('disk')]);
    expect(await files().last([path('disk'), path('never')], MINE)).toEqual([path('disk')]);
    expect(await files().owned([path('disk')], MINE)).toEqual([]);
  });
}
