/** What every host promises of copies of disks. */
import type { CopyOrder, DiskCopier, ImageFile } from '../../../drivers/interfaces/copy.js';
import type { HostFiles } from '../../../drivers/interfaces/storage.js';
import type { OpenedSite } from './fresh.js';
import { diskAt } from './guest.js';
import { inside, LIKE, MINE, NEVER, OTHERS } from './site.js';

/** Declares the tests. */
export function describeCopies(at: OpenedSite): void {
  const source = (): HostFiles => at.site.near.storage.files;
  const target = (): HostFiles => at.site.far.storage.files;
  const copier = (): DiskCopier => at.site.far.storage.copier;
  const path = (name: string) => inside(at.site, name);
  const qcow2 = (name: string): ImageFile => ({ path: path(name), format: 'qcow2' });
  const order = (more: Partial<CopyOrder> = {}): CopyOrder => ({
    owner: MINE,
    device: 'vda',
    way: 'nbd',
    from: at.site.near.host.name,
    chain: [qcow2('top'), qcow2('base')],
    to: path('copy'),
    format: 'qcow2',
    like: path('top'),
    bytes: 1,
    ...more,
  });
  const copy = (more: Partial<CopyOrder> = {}) =>
    copier().copy(order(more), NEVER, () => undefined);
  const arrived = () => target().existing([path('copy')]);
  beforeEach(async () => {
    await source().makeDisk(diskAt(path('base')), OTHERS, LIKE);
    await source().makeDisk(diskAt(path('top'), path('base')), OTHERS, LIKE);
  });

  it('by nbd: one image with the content of all, as the original’s, this migration’s own', async () => {
    await copy();

    expect(await target().look([path('copy')])).toMatchObject([{ kind: 'file', ...LIKE }]);
    expect(await target().owned([path('copy')], MINE)).toEqual([path('copy')]);
    const [chain] = await target().chains([qcow2('copy')]);
    expect(chain?.layers.map((layer) => layer.path)).toEqual([path('copy')]);
    expect(await at.site.far.traces.find([at.site.folder])).toEqual([
      { kind: 'mark', owner: MINE, subject: path('copy') },
    ]);
  });

  it('by scp: the file as it is', async () => {
    await copy({ way: 'scp' });

    expect(await target().sha256(path('copy'))).toBe(await source().sha256(path('top')));
    expect(await target().look([path('copy')])).toMatchObject([{ kind: 'file', ...LIKE }]);
    expect(await target().owned([path('copy')], MINE)).toEqual([path('copy')]);
  });

  it.each(['nbd', 'scp'] as const)('by %s, one that arrived is not made anew', async (way) => {
    await copy({ way });
    await at.site.write(at.site.far, path('copy'), 'written since');
    const since = await target().sha256(path('copy'));
    await copy({ way });

    expect(await target().sha256(path('copy'))).toBe(since);
  });

  it.each(['nbd', 'scp'] as const)('by %s, a file of nobody’s is not touched', async (way) => {
    await at.site.write(at.site.far, path('copy'), 'of nobody');
    const before = await target().sha256(path('copy'));

    await expect(copy({ way })).rejects.toMatchObject({ code: 'TARGET_STALE' });
    expect(await target().sha256(path('copy'))).toBe(before);
    expect(await target().owned([path('copy')], MINE)).toEqual([]);
  });

  it('fails, to be tried again, if there is nothing to copy, or nothing that says whose it is', async () => {
    const failed = { code: 'COPY_FAILED' };
    const chain = [qcow2('never')];
    await expect(copy({ chain, like: path('never') })).rejects.toMatchObject(failed);
    await expect(copy({ chain, way: 'scp' })).rejects.toMatchObject(failed);
    await expect(copy({ like: path('never') })).rejects.toMatchObject(failed);

    expect(await arrived()).toEqual([]);
    expect(await at.site.far.traces.find([at.site.folder])).toEqual([]);
  });

  it('has nothing to clean up before or after, and a copy that arrived stays', async () => {
    await copier().cleanUp(order());
    await copy();
    await copier().cleanUp(order());
    await copier().cleanUp(order());

    expect(await arrived()).toEqual([path('copy')]);
  });

  it('flattens a chain on its own host, and again', async () => {
    const { copier: own } = at.site.near.storage;
    await own.flatten(order().chain, path('flat'), NEVER);
    await own.flatten(order().chain, path('flat'), NEVER);

    const [chain] = await source().chains([qcow2('flat')]);
    expect(chain?.layers.map((layer) => layer.path)).toEqual([path('flat')]);
    expect(await source().owned([path('flat')], MINE)).toEqual([]);
    await expect(own.flatten([qcow2('never')], path('other'), NEVER)).rejects.toMatchObject({
      code: 'COPY_FAILED',
    });
  });
}
