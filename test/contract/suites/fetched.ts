/** What every host promises of files that are fetched: from the image store, else from the host that has them. */
import type { FileOrigin, HostFiles } from '../../../drivers/interfaces/storage.js';
import type { BackingFile } from '../../../model/storage.js';
import type { OpenedSite } from './fresh.js';
import { inside, LIKE, MINE, NEVER, OTHERS } from './site.js';

/** Declares the tests. */
export function describeFetched(at: OpenedSite): void {
  const files = (): HostFiles => at.site.near.storage.files;
  const path = (name: string) => inside(at.site, name);
  const put = (name: string, content: string) => at.site.write(at.site.near, path(name), content);
  const here = (...names: string[]) => files().existing(names.map(path));
  const file = (): BackingFile => ({ path: path('base'), format: 'qcow2', sizeBytes: 7 });
  const origin = async (more: Partial<FileOrigin> = {}): Promise<FileOrigin> => ({
    sha256: await at.site.far.storage.files.sha256(path('base')),
    from: at.site.far.host.name,
    path: path('base'),
    like: LIKE,
    bytes: 'content'.length,
    ...more,
  });
  const fetch = async (more: Partial<FileOrigin> = {}, owner = MINE) =>
    files().fetch(file(), await origin(more), owner, NEVER);
  beforeEach(() => at.site.write(at.site.far, path('base'), 'content'));

  it('it is this migration’s own, and like the original; then it is there', async () => {
    expect(await fetch()).toBe('source');
    expect(await fetch()).toBe('present');

    expect(await files().look([path('base')])).toMatchObject([{ kind: 'file', ...LIKE }]);
    expect(await files().owned([path('base')], MINE)).toEqual([path('base')]);
    expect(await files().sha256(path('base'))).toBe((await origin()).sha256);
  });

  it('it comes from the source if the image store does not answer', async () => {
    expect(await fetch({ imageUrl: 'file:///never/there' })).toBe('source');
  });

  it('one that is nobody’s stays nobody’s', async () => {
    await put('base', 'content');

    expect(await fetch()).toBe('present');
    expect(await files().owned([path('base')], MINE)).toEqual([]);
  });

  it('one that two migrations want is removed with the second', async () => {
    await fetch();
    expect(await fetch({}, OTHERS)).toBe('present');

    await files().removeOwned([path('base')], MINE);
    expect(await here('base')).toEqual([path('base')]);
    await files().removeOwned([path('base')], OTHERS);
    expect(await here('base')).toEqual([]);
  });

  it('one that the first of them lets go is the second’s still, and goes with it', async () => {
    await fetch();
    await fetch({}, OTHERS);

    await files().keep([path('base')], MINE);
    expect(await files().owned([path('base')], OTHERS)).toEqual([path('base')]);
    await files().removeOwned([path('base')], OTHERS);
    expect(await here('base')).toEqual([]);
  });

  it('a last copy is used, and nobody’s to remove', async () => {
    await fetch({}, OTHERS);
    await files().keepLast([path('base')], OTHERS);

    expect(await fetch()).toBe('present');
    await files().removeOwned([path('base')], MINE);
    expect(await here('base')).toEqual([path('base')]);
  });

  it('another content under its name is not touched', async () => {
    await put('base', 'another content');
    const before = await files().sha256(path('base'));

    await expect(fetch()).rejects.toMatchObject({ code: 'TARGET_STALE' });
    expect(await files().sha256(path('base'))).toBe(before);
  });

  it('one that arrives with another content gets no name, and is cleared away', async () => {
    await at.site.write(at.site.far, path('other'), 'another content');
    const sha256 = await at.site.far.storage.files.sha256(path('other'));

    await expect(fetch({ sha256 })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await here('base')).toEqual([]);
    expect(await files().owned([path('base')], MINE)).toEqual([path('base')]);
    await files().removeOwned([path('base')], MINE);
    expect(await files().owned([path('base')], MINE)).toEqual([]);
  });

  it('one of which more comes than the source has said is stopped, and cleared away', async () => {
    await expect(fetch({ bytes: 3 })).rejects.toMatchObject({
      code: 'CHECKSUM_MISMATCH',
      message: expect.stringMatching(/sends more of .*base than the 3 bytes/) as string,
    });
    expect(await here('base')).toEqual([]);
    await files().removeOwned([path('base')], MINE);
    expect(await at.site.near.traces.find([at.site.folder])).toEqual([]);
  });

  it('the source’s file that is longer than the room here is not begun', async () => {
    await expect(fetch({ bytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({
      code: 'TARGET_DISK_FULL',
    });
    expect(await here('base')).toEqual([]);
  });

  it('one that the source has no more is told, and is cleared away', async () => {
    const gone = await origin();
    await at.site.far.storage.files.remove([path('base')]);

    await expect(files().fetch(file(), gone, MINE, NEVER)).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    });
    expect(await here('base')).toEqual([]);
    await files().removeOwned([path('base')], MINE);
    expect(await files().owned([path('base')], MINE)).toEqual([]);
  });
}
