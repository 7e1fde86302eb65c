/** What every hypervisor promises of starting, stopping and pausing. */
import { until } from '../../../lab/observer.js';
import { fileOf } from '../../../model/storage.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { NOBODY, NO_DOMAIN, REFUSED, type OpenedGuest } from './fresh.js';
import { inside } from './site.js';

/** Declares the tests. */
export function describePower(at: OpenedGuest): void {
  const state = async () => (await at.near.find(at.uuid))?.state;
  const twice = async (verb: () => Promise<void>) => {
    await verb();
    await verb();
    return state();
  };

  it('off, nothing that ends, pauses or resumes a guest does anything, or starts it', async () => {
    for (const verb of ['shutdown', 'destroy', 'suspend', 'resume'] as const)
      expect([verb, await twice(() => at.near[verb](at.uuid))]).toEqual([verb, 'shutoff']);
  });

  it('starts, pauses, resumes and ends, each twice', async () => {
    const { near, uuid } = at;
    expect(await twice(() => near.start(uuid, { isPaused: false }))).toBe('running');
    expect(await twice(() => near.suspend(uuid))).toBe('paused');
    expect(await twice(() => near.resume(uuid))).toBe('running');
    expect(await twice(() => near.destroy(uuid))).toBe('shutoff');
  });

  it('is known to have run, by its name, since it was started', async () => {
    const { near, uuid } = at;
    const name = (await near.find(uuid))?.name ?? '';
    const before = (await near.lastRun(name)) ?? 0;
    await near.start(uuid, { isPaused: true });
    const started = (await near.lastRun(name)) ?? 0;
    await near.destroy(uuid);

    expect(started).toBeGreaterThan(before);
    expect(await near.lastRun(name)).toBeGreaterThan(started);
    expect(await near.lastRun(`${name}-never`)).toBeUndefined();
  });

  it('starts paused, and a guest that runs is not paused by it', async () => {
    const { near, uuid } = at;
    expect(await twice(() => near.start(uuid, { isPaused: true }))).toBe('paused');
    await near.resume(uuid);
    expect(await twice(() => near.start(uuid, { isPaused: true }))).toBe('running');
  });

  it('does nothing for a guest that is not there', async () => {
    for (const verb of ['shutdown', 'destroy', 'suspend', 'resume'] as const)
      await expect(at.near[verb](NOBODY)).rejects.toMatchObject(NO_DOMAIN);
    await expect(at.near.start(NOBODY, { isPaused: false })).rejects.toMatchObject(NO_DOMAIN);
  });

  it('does not start a guest whose disk is not there', async () => {
    await at.site.near.storage.files.remove([at.guest.disk]);

    await expect(at.near.start(at.uuid, { isPaused: false })).rejects.toMatchObject(REFUSED);
    expect(await state()).toBe('shutoff');
  });

  it('tells who listens that a guest runs again, as long as it listens', async () => {
    let heard = 0;
    const stop = await at.near.onLifecycle(at.uuid, 'resumed', () => heard++);
    const departed: string[] = [];
    const stopOther = await at.near.onLifecycle(at.uuid, 'switchover', () => departed.push('left'));
    await at.near.start(at.uuid, { isPaused: true });
    await at.near.resume(at.uuid);
    await until(() => heard === 1, 'the event of the resume');
    stop();

    await at.near.suspend(at.uuid);
    const stopThird = await at.near.onLifecycle(at.uuid, 'resumed', () => departed.push('again'));
    await at.near.resume(at.uuid);
    await until(() => departed.length > 0, 'the event of the second resume');
    expect({ heard, departed }).toEqual({ heard: 1, departed: ['again'] });
    stopOther();
    stopThird();
  });

  it('puts an overlay over a disk and takes it off again, each twice', async () => {
    const { near, uuid } = at;
    const base = at.guest.disk;
    const overlay = inside(at.site, 'suite91.qcow2.overlay');
    const overlays = [{ device: 'vda', base, overlay }];
    const writtenTo = async () => {
      const [disk] = parseDomain(await near.xml(uuid, 'live')).disks;
      return disk && fileOf(disk);
    };
    await near.start(uuid, { isPaused: false });
    await near.addOverlays(uuid, overlays);
    await near.addOverlays(uuid, overlays);
    expect(await writtenTo()).toBe(overlay);
    expect(await near.kept(uuid)).toMatchObject({ snapshots: [] });

    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    await near.commitOverlays(uuid, overlays, pause);
    await near.commitOverlays(uuid, overlays, pause);
    expect(await writtenTo()).toBe(base);
    expect(await at.site.near.storage.files.existing([overlay])).toEqual([overlay]);
  });
}
