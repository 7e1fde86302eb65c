/** What every host's files promise, whoever they belong to. */
import type { HostFiles } from '../../../drivers/interfaces/storage.js';
import type { OpenedSite } from './fresh.js';
import { inside, LIKE, MINE } from './site.js';

/** Declares the tests. */
export function describeFiles(at: OpenedSite): void {
  const files = (): HostFiles => at.site.near.storage.files;
  const path = (name: string) => inside(at.site, name);
  const put = (name: string, content = name) => at.site.write(at.site.near, path(name), content);
  const here = async (...names: string[]) => files().existing(names.map(path));

  it('say how much room there is, also where nothing is yet', async () => {
    const room = { freeBytes: expect.any(Number) as number, isNetworkFilesystem: false };
    expect(await files().room(at.site.folder)).toEqual({ ...room, isLaidOut: true });
    expect(await files().room(path('new'))).toEqual({ ...room, isLaidOut: true });
    expect(await files().room(path('new/deep'))).toEqual({ ...room, isLaidOut: false });
  });

  it('which exist', async () => {
    await put('folder/a');

    expect(await here('folder/a', 'folder/b', 'folder')).toEqual([
      path('folder/a'),
      path('folder'),
    ]);
    expect(await files().existing([])).toEqual([]);
  });

  it('a probe is seen where it was written, as long as it is there', async () => {
    const { near, far, folder } = at.site;
    await near.storage.files.writeProbe(folder, MINE);
    await near.storage.files.writeProbe(folder, MINE);

    expect(await near.storage.files.readProbe(folder, MINE)).toBe(true);
    expect(await far.storage.files.readProbe(folder, MINE)).toBe(false);
    await near.storage.files.removeProbe(folder, MINE);
    await near.storage.files.removeProbe(folder, MINE);
    expect(await near.storage.files.readProbe(folder, MINE)).toBe(false);
  });

  it('a probe needs its folder', async () => {
    const nowhere = path('nowhere');
    await expect(files().writeProbe(nowhere, MINE)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    });
    expect(await files().readProbe(nowhere, MINE)).toBe(false);
    await expect(files().removeProbe(nowhere, MINE)).resolves.toBeUndefined();
  });

  it('are removed, and folders that are empty by then; absent ones are fine', async () => {
    await put('full/stays');
    await put('empty/goes');
    const gone = ['empty/goes', 'empty', 'full', 'never'].map(path);

    await files().remove(gone);
    await files().remove(gone);

    expect(await here('empty/goes', 'empty', 'full', 'full/stays')).toEqual(
      ['full', 'full/stays'].map(path),
    );
  });

  it('have the same checksum for the same content, and none without a file', async () => {
    await put('a', 'content');
    await put('b', 'content');
    await put('c', 'another content');
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => files().sha256(path(name))));

    expect(a).toBe(b);
    expect(a).not.toBe(c);
    await expect(files().sha256(path('never'))).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });

  it('are looked at: a file, a folder, and what is not there', async () => {
    await put('folder/a');
    const [file, folder, absent] = await files().look(
      ['folder/a', 'folder', 'never/there'].map(path),
    );

    const root = { user: 'root', group: 'root', isLink: false };
    expect(file).toMatchObject({ ...root, kind: 'file', mode: '0644', real: path('folder/a') });
    expect(folder).toMatchObject({ ...root, kind: 'folder', mode: '0755', path: path('folder') });
    expect(absent).toEqual({
      path: path('never/there'),
      real: path('never/there'),
      isLink: false,
      extras: [],
      kind: 'absent',
      id: '',
      user: '',
      group: '',
      mode: '',
      mount: file?.mount,
      fsType: file?.fsType,
      sizeBytes: 0,
      changedAt: '',
      writtenAt: '',
    });
    expect(await files().look([])).toEqual([]);
  });

  it('tell when they were written last', async () => {
    await at.site.write(at.site.near, path('a'), 'one');
    const [before] = await files().look([path('a')]);
    expect(await files().look([path('a')])).toEqual([before]);
    await at.site.write(at.site.near, path('a'), 'two');

    expect((await files().look([path('a')]))[0]?.changedAt).not.toBe(before?.changedAt);
  });

  it('are looked at through links', async () => {
    await put('real/a');
    await at.site.link(at.site.near, path('link'), path('real'));
    const [link, through, direct, absent] = await files().look(
      ['link', 'link/a', 'real/a', 'link/never'].map(path),
    );

    expect(link).toMatchObject({ isLink: true, kind: 'folder', real: path('real') });
    expect(through).toMatchObject({ isLink: false, kind: 'file', real: path('real/a') });
    expect(through?.id).toBe(direct?.id);
    expect(direct?.id).not.toBe(link?.id);
    expect(absent).toMatchObject({ kind: 'absent', real: path('real/never') });
  });

  it('everything in a folder, at any depth; an absent folder has nothing', async () => {
    await put('folder/a');
    await put('folder/deep/b');

    expect((await files().within(path('folder'))).sort()).toEqual(
      ['folder/a', 'folder/deep', 'folder/deep/b'].map(path),
    );
    expect(await files().within(path('never'))).toEqual([]);
  });

  it('a folder that is made for nobody is there already', async () => {
    await put('folder/a');
    await files().makeFolder(path('folder'), MINE, LIKE);

    expect(await files().owned([path('folder')], MINE)).toEqual([]);
    expect(await files().look([path('folder')])).toMatchObject([{ mode: '0755' }]);
  });
}
