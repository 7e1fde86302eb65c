/** What every hypervisor says of a host and its guests. */
import { HostPath } from '../../../model/ids.js';
import { NOBODY, NO_DOMAIN, REFUSED, type OpenedGuest } from './fresh.js';

/** Declares the tests. */
export function describeFacts(at: OpenedGuest): void {
  it('the host itself', async () => {
    const facts = await at.near.facts();

    expect(facts).toMatchObject({ arch: 'x86_64', cpus: expect.any(Number) as number });
    expect(facts.freeMemoryBytes).toBeLessThanOrEqual(facts.memoryBytes);
    expect(facts.machines).toContain('pc-q35-7.2');
    expect(facts.libvirtVersion).toBeGreaterThanOrEqual(9_000_000);
  });

  it('a guest that is off, alone and among the others', async () => {
    const off = {
      uuid: at.uuid,
      name: at.guest.name,
      state: 'shutoff',
      reason: 'other',
      isPersistent: true,
    };

    expect(await at.near.find(at.uuid)).toEqual(off);
    expect(await at.near.guests()).toContainEqual(off);
    expect(await at.near.size(at.uuid)).toEqual({ memoryBytes: 64 * 1024 ** 2, vcpus: 1 });
  });

  it('nothing of a guest that another host has', async () => {
    expect(await at.far.find(at.uuid)).toBeUndefined();
    expect((await at.far.guests()).map(({ uuid }) => uuid)).not.toContain(at.uuid);
  });

  it('that there is no such domain, where a question makes no sense without one', async () => {
    await expect(at.near.size(NOBODY)).rejects.toMatchObject(NO_DOMAIN);
    await expect(at.near.busy(NOBODY, ['vda'])).rejects.toMatchObject(NO_DOMAIN);
    await expect(at.near.dirtyRate(NOBODY, 1)).rejects.toMatchObject(NO_DOMAIN);
  });

  it('that a guest is busy with nothing, off or on, whatever disks are asked for', async () => {
    expect(await at.near.busy(at.uuid, ['vda'])).toEqual([]);
    await at.near.start(at.uuid, { isPaused: false });
    expect(await at.near.busy(at.uuid, ['vda', 'vdz'])).toEqual([]);
  });

  it('that its own CPU is enough for what it gives, and which feature is missing of another', async () => {
    const shape = {
      emulator: HostPath.parse('/usr/bin/qemu-system-x86_64'),
      arch: 'x86_64',
      machine: 'pc-q35-7.2',
      virtType: 'qemu',
    };
    const given = (await at.near.givenCpu(shape)) ?? '';
    expect(given).toMatch(/^<cpu mode=["']custom["']/);
    expect(await at.near.compareCpu({ ...shape, cpuXml: given })).toEqual({ is: 'enough' });

    const more = `<cpu mode='custom' match='exact'><model>qemu64</model><feature policy='require' name='amx-tile'/></cpu>`;
    expect(await at.near.compareCpu({ ...shape, cpuXml: more })).toEqual({
      is: 'incompatible',
      lacks: 'amx-tile',
    });
  });

  it('how fast a guest writes, if it runs', async () => {
    await expect(at.near.dirtyRate(at.uuid, 1)).rejects.toMatchObject(REFUSED);
    await at.near.start(at.uuid, { isPaused: false });
    expect(await at.near.dirtyRate(at.uuid, 1)).toEqual(expect.any(Number));
  });

  it('how fast a guest writes, also to who asks while that is measured', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    const [first, second] = [at.near.dirtyRate(at.uuid, 1), at.near.dirtyRate(at.uuid, 1)];
    expect(await Promise.all([first, second])).toEqual([expect.any(Number), expect.any(Number)]);
  });
}
