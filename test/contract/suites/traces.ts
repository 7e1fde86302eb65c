/** What every host promises of rendered definitions and of the traces of migrations. */
import { Confidential } from '../../../model/confidential.js';
import type { RenderedName } from '../../../drivers/interfaces/rendered.js';
import { HostPath, type MigrationId } from '../../../model/ids.js';
import type { OpenedSite } from './fresh.js';
import { diskAt } from './guest.js';
import { inside, LIKE, MINE, OTHERS } from './site.js';

/** Declares the tests. */
export function describeTraces(at: OpenedSite): void {
  const near = () => at.site.near;
  const textOf = async (owner: MigrationId, name: RenderedName) =>
    (await near().rendered.get(owner, name))?.reveal();
  const mine = async () =>
    (await near().traces.find([at.site.folder])).filter(({ owner }) => owner === MINE);
  afterEach(async () => {
    for (const owner of [MINE, OTHERS]) await near().rendered.remove(owner);
  });

  it('rendered definitions are kept by migration and name, the newest of each', async () => {
    const { rendered: kept } = near();
    await kept.put(MINE, 'live', new Confidential('older'));
    await kept.put(MINE, 'live', new Confidential('<live>\n'));
    await kept.put(MINE, 'persistent', new Confidential('<persistent/>'));

    expect(await textOf(MINE, 'live')).toBe('<live>\n');
    expect(await textOf(MINE, 'persistent')).toBe('<persistent/>');
    expect(await textOf(OTHERS, 'live')).toBeUndefined();
  });

  it('rendered definitions are removed with their migration, and again', async () => {
    const { rendered: kept } = near();
    await kept.put(MINE, 'live', new Confidential('mine'));
    await kept.put(OTHERS, 'live', new Confidential('others'));
    await kept.remove(MINE);
    await kept.remove(MINE);

    expect(await textOf(MINE, 'live')).toBeUndefined();
    expect(await textOf(OTHERS, 'live')).toBe('others');
  });

  it('a host without traces has none', async () => {
    expect(await mine()).toEqual([]);
    expect(await near().traces.find([inside(at.site, 'never')])).toEqual([]);
    await expect(near().traces.removeCopies(MINE)).resolves.toBeUndefined();
  });

  it('marks, probes and rendered definitions are found, files before their folders', async () => {
    const { files } = near().storage;
    const vm = inside(at.site, 'vm');
    const disk = HostPath.parse(`${vm}/disk`);
    await files.makeFolder(vm, MINE, { ...LIKE, mode: '0711' });
    await files.makeDisk(diskAt(disk), MINE, LIKE);
    await files.writeProbe(vm, MINE);
    await near().rendered.put(MINE, 'live', new Confidential('mine'));

    const found = await mine();
    expect(found).toHaveLength(4);
    expect(found).toEqual(
      expect.arrayContaining([
        { kind: 'mark', owner: MINE, subject: disk },
        { kind: 'probe', owner: MINE, subject: `${vm}/.drover-probe-${MINE}` },
        { kind: 'mark', owner: MINE, subject: vm },
        { kind: 'rendered', owner: MINE, subject: `/var/lib/drover/rendered-${MINE}` },
      ]),
    );
    const subjects = found.map(({ subject }) => subject);
    expect(subjects.indexOf(disk)).toBeLessThan(subjects.indexOf(vm));
  });

  it('marks are found in the folders that are asked for and one level below, no deeper', async () => {
    const deep = inside(at.site, 'a/b/disk');
    await at.site.write(near(), inside(at.site, 'a/b/other'), '');
    await near().storage.files.makeDisk(diskAt(deep), MINE, LIKE);

    expect(await mine()).toEqual([]);
    const closer = await near().traces.find([inside(at.site, 'a')]);
    expect(closer).toContainEqual({ kind: 'mark', owner: MINE, subject: deep });
  });

  it('what was set aside is found as far down, and bears no mark', async () => {
    await at.site.write(near(), inside(at.site, 'vm_resize/disk'), '');
    await at.site.write(near(), inside(at.site, 'a/disk_resize'), '');
    await at.site.write(near(), inside(at.site, 'a/b/disk_resize'), '');

    expect((await near().traces.aside([at.site.folder])).sort()).toEqual(
      ['a/disk_resize', 'vm_resize'].map((name) => inside(at.site, name)),
    );
    expect(await near().traces.aside([inside(at.site, 'never')])).toEqual([]);
    expect(await mine()).toEqual([]);
  });
}
