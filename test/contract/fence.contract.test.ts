/** The single-writer token: a guest belongs to one migration, and to its newest step. */
import { ZodObject } from 'zod';
import { IMPLEMENTATIONS } from '../../activities/index.js';
import { codeOf } from '../../activities/kit/fence.js';
import { hostOf } from '../../drivers/fake/world.js';
import type { Step } from '../../workflows/kit/step.js';
import { HostName, MigrationId } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';
import { contextOn } from '../helpers/memory-engine.js';

const guestOn = (site: FakeSite, host: string) =>
  [...hostOf(site.world, HostName.parse(host)).guests.values()][0];
const mark = (id: string, epoch: number) => ({ migrationId: MigrationId.parse(id), epoch });

it.each([
  { runbook: 'live', move: migrate, ends: 0 },
  { runbook: 'cold', move: migrateCold, ends: 1 },
])(
  'a $runbook migration marks the guest with growing epochs, and takes the mark away',
  async ({ move, ends }) => {
    const site = await buildSite(['local']);
    const epochs: number[] = [];
    await move(site, {
      onInput: () => {
        const seen = guestOn(site, 'h1')?.mark ?? guestOn(site, 'h2')?.mark;
        if (seen) epochs.push(seen.epoch);
      },
    });

    expect(epochs.length).toBeGreaterThan(5);
    // A guest that ends has its first mark again, which is the one in its definition.
    const falls = epochs.filter((epoch, index) => epoch < (epochs[index - 1] ?? 0));
    expect(falls.every((epoch) => epoch === epochs[0])).toBe(true);
    expect(falls.length).toBeLessThanOrEqual(ends);
    expect(guestOn(site, 'h2')?.mark).toBeUndefined();
  },
);

it('a step that comes late, from a worker that was thought dead, is refused and changes nothing', async () => {
  const site = await buildSite(['local']);
  const late = new Map<string, unknown>();
  await migrate(site, { onInput: (step, input) => void late.set(step, input) });
  // The same guest is on its way again, by a later step.
  const guest = guestOn(site, 'h2');
  if (guest) guest.mark = mark('migration-1', 40);
  const before = await site.picture();

  for (const name of ['disks.prepareTarget', 'network.bindTarget']) {
    const found = IMPLEMENTATIONS.find(({ step }) => step.name === name);
    const { run, undo } = found ? codeOf(found, site.deps) : {};
    await expect(run?.(late.get(name), contextOn())).rejects.toMatchObject({ code: 'FENCED' });
    await expect(undo?.(late.get(name), contextOn())).rejects.toMatchObject({ code: 'FENCED' });
  }
  expect(await site.picture()).toEqual(before);
});

it('a step that comes after the end of its migration is refused: it would start it anew', async () => {
  const site = await buildSite(['local']);
  let late: unknown;
  await migrate(site, {
    onInput: (step, input) => (late = step === 'transfer.run' ? input : late),
  });
  const before = await site.picture();
  const found = IMPLEMENTATIONS.find(({ step }) => step.name === 'transfer.run');

  const { run } = found ? codeOf(found, site.deps) : {};

  await expect(run?.(late, contextOn())).rejects.toMatchObject({ code: 'FENCED' });
  expect(await site.picture()).toEqual(before);
});

it('a guest that another migration has is not touched', async () => {
  const site = await buildSite(['local']);
  const guest = guestOn(site, 'h1');
  if (guest) guest.mark = mark('migration-of-another-drover', 7);
  const before = await site.picture();

  const { outcome } = await migrate(site);

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'FENCED' } });
  expect(await site.picture()).toEqual(before);
});

it('a refusal leaves no mark, not even for a moment', async () => {
  const site = await buildSite(['local']);
  site.world.hosts.forEach((host) => void host.lacksCpuFeatures.add('erms'));

  const { outcome } = await migrateCold(site);

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'NO_TARGET' } });
  expect(site.faults.calls.filter((call) => call.endsWith('writeMark'))).toEqual([]);
});

it.each(IMPLEMENTATIONS.filter(({ step }) => isChanging(step)))(
  '$step.name without an epoch changes nothing: no run of drover’s has asked for it (S1)',
  async (implementation) => {
    const site = await buildSite(['local']);
    const inputs = new Map<string, unknown>();
    for (const move of [migrate, migrateCold])
      await move(await buildSite(['local']), {
        onInput: (step, input) => void inputs.set(step, input),
      });
    const { step } = implementation;
    const { route, ...rest } = inputs.get(step.name) as { route: { epoch?: number } };
    const { epoch: _epoch, ...unnumbered } = route;
    const input = step.input.parse({ ...rest, route: unnumbered });
    const before = await site.picture();
    const { run, undo } = codeOf(implementation, site.deps);

    await expect(run(input, contextOn())).rejects.toMatchObject({ code: 'FENCED' });
    if (undo && step.name !== 'target.claim')
      await expect(undo(input, contextOn())).rejects.toMatchObject({ code: 'FENCED' });
    expect(await site.picture()).toEqual(before);
  },
);

/** Steps of a move that change something on a host or in the inventory. */
function isChanging({ name, input, undo }: Step): boolean {
  const isAsking = undo === 'read-only' || (typeof undo === 'object' && 'pivot' in undo);
  // What a dry run calls as well has no number there.
  return (
    !isAsking &&
    name !== 'storage.precheck' &&
    name !== 'target.precheck' &&
    input instanceof ZodObject &&
    'route' in input.shape &&
    name !== 'guest.settleOnTarget' &&
    name !== 'guest.confirmChanged'
  );
}

it('a plan leaves no mark', async () => {
  const site = await buildSite(['local']);
  await migrate(site, {}, { mode: 'plan' });
  expect(guestOn(site, 'h1')?.mark).toBeUndefined();
});
