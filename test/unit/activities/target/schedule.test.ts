/** Which hosts a migration asks when it looks for its target. */
import { HostName } from '../../../../model/ids.js';
import { buildSite, migrate } from '../../../helpers/fake-migration.js';

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

it('asks all of them when none was asked for', async () => {
  const site = await buildSite(['shared']);

  await migrate(site, {}, { target: undefined });

  expect(['h2', 'h3'].map((host) => wasAsked(site.faults.calls, host))).toEqual([true, true]);
});
