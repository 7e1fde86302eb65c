/** Which hosts a migration asks when it looks for its target. */
import { HostName } from '../../../../model/ids.js';
import { buildSite, DISKS, migrate, SNAPSHOT } from '../../../helpers/fake-migration.js';

const GIB = 1024 ** 3;
const wasAsked = (calls: readonly string[], host: string) =>
  calls.includes(`${host}.hypervisor.facts`);

it('asks no other host when the one that was asked for fits', async () => {
  const site = await buildSite(['shared']);

  const { outcome } = await migrate(site, {}, { target: 'h2' });

  expect(outcome).toMatchObject({ value: { outcome: 'moved' } });
  expect(wasAsked(site.faults.calls, 'h2')).toBe(true);
  expect(wasAsked(site.faults.calls, 'h3')).toBe(false);
});

it('says of every host whether it would do when the one that was asked for does not fit', async () => {
  const site = await buildSite(['shared']);
  Object.assign(site.world.hosts.get(HostName.parse('h2'))?.facts ?? {}, { memoryBytes: GIB / 2 });

  const { outcome } = await migrate(site, {}, { target: 'h2' });

  expect(outcome).toMatchObject({ failure: { code: 'NO_TARGET' } });
  const { message } = (outcome as { failure: { message: string } }).failure;
  expect(message).toContain('h2: 1024 MiB of memory wanted');
  expect(message).toContain('h1: the guest runs there');
  expect(message).toContain('h3: would fit, but was not requested');
});

it('says in one refusal all that the host lacks, and what keeps the guest itself where it is', async () => {
  const site = await buildSite(DISKS[SNAPSHOT] ?? []);
  const h2 = site.world.hosts.get(HostName.parse('h2'));
  Object.assign(h2?.facts ?? {}, { memoryBytes: GIB / 2, bridges: [], machines: [] });

  const { outcome } = await migrate(site, {}, { target: 'h2' });

  expect(outcome).toMatchObject({
    failure: { code: 'NO_TARGET', hint: expect.stringContaining('omit --to') as string },
  });
  const { message } = (outcome as { failure: { message: string } }).failure;
  expect(message).toContain('h2: 1024 MiB of memory wanted');
  expect(message).toContain('it lacks the machine type');
  expect(message).toContain('it lacks the bridge br0');
  expect(message).toContain('the guest itself: ');
  expect(message).toContain('snapshot before');
});

it('asks all of them when none was asked for', async () => {
  const site = await buildSite(['shared']);

  await migrate(site, {}, { target: undefined });

  expect(['h2', 'h3'].map((host) => wasAsked(site.faults.calls, host))).toEqual([true, true]);
});
