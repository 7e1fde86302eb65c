/** What must hold for every step of live migration, at every call, whatever fails. */
import { COMMON_ERRORS } from '../../model/errors.js';
import { undoOf } from '../../workflows/kit/step.js';
import { liveMigrationSteps } from '../../workflows/live-migration.js';
import type { FaultMode } from '../../drivers/fake/data-centre.js';
import { IMPLEMENTATIONS } from '../../activities/index.js';
import { buildSite, DISKS, migrate, type Ran } from '../helpers/fake-migration.js';
import { quietContext } from '../helpers/memory-engine.js';

const KINDS = Object.keys(DISKS);
const MODES: readonly FaultMode[] = ['before', 'after', 'lost'];
const build = (kind: string) => buildSite(DISKS[kind] ?? []);

/** How the world looks when all went well. */
async function goodEnd(kind: string): Promise<{ picture: unknown; calls: number; ran: Ran }> {
  const site = await build(kind);
  const ran = await migrate(site);
  return { picture: await site.picture(), calls: site.faults.calls.length, ran };
}

const undeclared = ({ engine }: Ran): string[] =>
  engine.raised
    .filter(({ step, code }) => ![...step.errors, ...COMMON_ERRORS].includes(code as never))
    .filter(({ code }) => !['UNDO_UNVERIFIED', 'GUEST_ON_TARGET'].includes(code))
    .map(({ step, code }) => `${step.name} raised ${code}`);

describe.each(KINDS)('a guest on %s', (kind) => {
  it('moves in the documented order, and what it leaves is only on the target', async () => {
    const site = await build(kind);

    const { outcome, engine } = await migrate(site);

    expect(outcome.kind).toBe('done');
    expect(engine.called).toEqual(liveMigrationSteps.map(({ name }) => name));
    expect(engine.holds).toEqual([]);
    expect(site.world.splitBrains).toEqual([]);
    expect(await site.picture()).toMatchSnapshot();
  });

  it('comes back to the same state by a second move', async () => {
    const site = await build(kind);
    const start = (await site.picture()) as { vms: unknown };

    await migrate(site);
    const { outcome } = await migrate(site, {}, { target: 'h1' });

    expect(outcome.kind).toBe('done');
    expect(((await site.picture()) as { vms: unknown }).vms).toEqual(start.vms);
    expect(site.world.splitBrains).toEqual([]);
  });

  it.each(MODES)('ends in one of two states when any single call fails (%s)', async (mode) => {
    const good = await goodEnd(kind);
    for (let call = 1; call <= good.calls; call++) {
      const site = await build(kind);
      const start = await site.picture();
      site.faults.at = { call, mode };

      const ran = await migrate(site);

      const where = `call ${call} (${site.faults.calls[call - 1] ?? ''}) failed ${mode}`;
      const expected = ran.outcome.kind === 'done' ? good.picture : start;
      expect({ where, picture: await site.picture() }).toEqual({ where, picture: expected });
      expect({ where, splitBrains: site.world.splitBrains }).toEqual({ where, splitBrains: [] });
      expect({ where, undeclared: undeclared(ran) }).toEqual({ where, undeclared: [] });
    }
  });

  it.each(['before', 'during'] as const)(
    'leaves nothing behind when it is cancelled at any step (%s)',
    async (when) => {
      const good = await goodEnd(kind);
      for (const { name: step } of liveMigrationSteps) {
        const site = await build(kind);
        if (step === 'transfer.run' && when === 'during') site.world.transfer = 'runs';
        const start = await site.picture();

        const { outcome } = await migrate(site, { cancelAt: { step, when } });

        const expected = outcome.kind === 'done' ? good.picture : start;
        expect({ step, picture: await site.picture() }).toEqual({ step, picture: expected });
        expect({ step, splitBrains: site.world.splitBrains }).toEqual({ step, splitBrains: [] });
      }
    },
  );

  it('takes everything back when the transfer fails', async () => {
    const site = await build(kind);
    site.world.transfer = 'fails';
    const start = await site.picture();

    const { outcome, engine } = await migrate(site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'TRANSFER_FAILED' },
      leftovers: [],
    });
    expect(engine.undone).toEqual([
      'transfer.abort',
      'disks.removeTarget',
      'volumes.disconnectTarget',
      'network.unbindTarget',
      'storage.removeProbes',
      'target.release',
    ]);
    expect(await site.picture()).toEqual(start);
  });
});

describe('every step', () => {
  it.each(KINDS)('run twice is the same as run once (%s)', async (kind) => {
    const good = await goodEnd(kind);
    for (const declared of liveMigrationSteps) {
      const site = await build(kind);

      const { outcome } = await migrate(site, { repeat: declared.name });

      expect({ step: declared.name, kind: outcome.kind }).toEqual({
        step: declared.name,
        kind: 'done',
      });
      expect({ step: declared.name, picture: await site.picture() }).toEqual({
        step: declared.name,
        picture: good.picture,
      });
    }
  });

  it.each(KINDS)(
    'whose undo runs twice, or without its run, changes nothing more (%s)',
    async (kind) => {
      const site = await build(kind);
      site.world.transfer = 'fails';
      const start = await site.picture();
      const inputs = new Map<string, unknown>();
      await migrate(site, { onInput: (step, input) => void inputs.set(step, input) });

      for (const { step, make } of IMPLEMENTATIONS) {
        const { undo } = make(site.deps);
        if (!undo || !undoOf(step)) continue;
        await undo(step.input.parse(inputs.get(step.name)) as never, quietContext());
        await undo(step.input.parse(inputs.get(step.name)) as never, quietContext());
      }

      expect(inputs.size).toBeGreaterThan(8);
      expect(await site.picture()).toEqual(start);
    },
  );
});
