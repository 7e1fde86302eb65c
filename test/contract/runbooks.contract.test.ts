/** What must hold for every step of every runbook, at every call, whatever fails. */
import { COMMON_ERRORS } from '../../model/errors.js';
import { undoOf } from '../../workflows/kit/step.js';
import { coldMigrationSteps } from '../../workflows/runbooks/cold-migration.js';
import { liveMigrationSteps } from '../../workflows/runbooks/live-migration.js';
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import type { FaultMode } from '../../drivers/fake/data-centre.js';
import { IMPLEMENTATIONS } from '../../activities/index.js';
import {
  buildSite,
  DISKS,
  LIVE_KINDS,
  migrate,
  migrateCold,
  migrateWarm,
  SNAPSHOT,
  type FakeSite,
  type Ran,
} from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const RUNBOOKS = [
  { runbook: 'live', steps: liveMigrationSteps, move: migrate },
  { runbook: 'cold', steps: coldMigrationSteps, move: migrateCold },
  { runbook: 'warm', steps: coldMigrationSteps, move: migrateWarm },
] as const;
const KINDS = Object.keys(DISKS);
const CASES = RUNBOOKS.flatMap((runbook) =>
  (runbook.runbook === 'cold' ? KINDS : LIVE_KINDS).map((kind) => ({ ...runbook, kind })),
);
const MODES: readonly FaultMode[] = ['before', 'after', 'lost'];
const build = (kind: string) => buildSite(DISKS[kind] ?? []);

/** How the world looks when all went well. */
async function goodEnd(
  kind: string,
  move: (site: FakeSite) => Promise<Ran>,
): Promise<{ picture: unknown; calls: number; ran: Ran }> {
  const site = await build(kind);
  const ran = await move(site);
  return { picture: await site.picture(), calls: site.faults.calls.length, ran };
}

const undeclared = ({ engine }: Ran): string[] =>
  engine.raised
    .filter(({ step, code }) => ![...step.errors, ...COMMON_ERRORS].some((known) => known === code))
    .filter(({ code }) => !['UNDO_UNVERIFIED', 'GUEST_ON_TARGET'].includes(code))
    .map(({ step, code }) => `${step.name} raised ${code}`);

describe.each(CASES)('a $runbook migration of a guest on $kind', ({ kind, steps, move }) => {
  it('moves in the documented order, and what it leaves is only on the target', async () => {
    const site = await build(kind);

    const { outcome, engine } = await move(site);

    expect(outcome.kind).toBe('done');
    expect(engine.called).toEqual(steps.map(({ name }) => name));
    expect(engine.holds).toEqual([]);
    expect(site.world.splitBrains).toEqual([]);
    expect(await site.picture()).toMatchSnapshot();
  });

  it('comes back to the same state by a second move', async () => {
    const site = await build(kind);
    const start = (await site.picture()) as { vms: unknown };

    await move(site);
    const { outcome } = await move(site, {}, { target: 'h1' });

    expect(outcome.kind).toBe('done');
    expect(((await site.picture()) as { vms: unknown }).vms).toEqual(start.vms);
    expect(site.world.splitBrains).toEqual([]);
  });

  it.each(MODES)('ends in one of two states when any single call fails (%s)', async (mode) => {
    const good = await goodEnd(kind, move);
    for (let call = 1; call <= good.calls; call++) {
      const site = await build(kind);
      const start = await site.picture();
      site.faults.at = { call, mode };

      const ran = await move(site);

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
      const good = await goodEnd(kind, move);
      for (const { name: step } of steps) {
        const site = await build(kind);
        if (step === 'transfer.run' && when === 'during') site.world.transfer = 'runs';
        const start = await site.picture();

        const { outcome } = await move(site, { cancelAt: { step, when } });

        const expected = outcome.kind === 'done' ? good.picture : start;
        expect({ step, picture: await site.picture() }).toEqual({ step, picture: expected });
        expect({ step, splitBrains: site.world.splitBrains }).toEqual({ step, splitBrains: [] });
      }
    },
  );

  it('is the same if any step runs twice', async () => {
    const good = await goodEnd(kind, move);
    for (const declared of steps) {
      const site = await build(kind);

      const { outcome } = await move(site, { repeat: declared.name });

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

  it('takes nothing more back by an undo that runs twice, or without its run', async () => {
    const site = await build(kind);
    const start = await site.picture();
    const inputs = new Map<string, unknown>();
    const last = steps.findLast((step) => undoOf(step))?.name ?? '';
    await move(site, {
      cancelAt: { step: last, when: 'before' },
      onInput: (step, input) => void inputs.set(step, input),
    });

    for (const { step } of [...IMPLEMENTATIONS].reverse()) {
      const { undo } = codeNamed(step.name, site.deps);
      if (!undo || !inputs.has(step.name)) continue;
      await undo(inputs.get(step.name), contextOn());
      await undo(inputs.get(step.name), contextOn());
    }

    expect(inputs.size).toBeGreaterThan(8);
    expect(await site.picture()).toEqual(start);
  });
});

describe.each(LIVE_KINDS)('a live migration of a guest on %s', (kind) => {
  it('is taken back when the transfer fails', async () => {
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
      'definition.removeRendered',
      'disks.removeTarget',
      'volumes.disconnectTarget',
      'network.unbindTarget',
      'storage.removeProbes',
      'target.release',
    ]);
    expect(await site.picture()).toEqual(start);
  });
});

describe.each(KINDS)('a cold migration of a guest on %s', (kind) => {
  it('that is reverted ends where it began', async () => {
    const site = await build(kind);
    const start = await site.picture();

    const { outcome } = await migrateCold(site, { decide: 'revert' });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'REVERTED' },
      leftovers: [],
    });
    expect(await site.picture()).toEqual(start);
  });

  it.each(kind === SNAPSHOT ? (['scp'] as const) : (['nbd', 'scp'] as const))(
    'ends well when it copies by %s',
    async (copy) => {
      const site = await build(kind);

      const { outcome } = await migrateCold(site, {}, { options: { copy } });

      expect(outcome.kind).toBe('done');
      expect(site.world.splitBrains).toEqual([]);
    },
  );
});

describe('a cold migration to a host that has another file under the backing file’s name', () => {
  const BASE = '/var/lib/libvirt/images/_base/base.qcow2';
  const build = async () => {
    const site = await buildSite(['local']);
    hostOf(site.world, HostName.parse('h2')).files.set(BASE, { content: 'other', isFolder: false });
    return site;
  };

  it.each(['auto', 'scp'] as const)(
    'flattens the disk and leaves that file alone (%s)',
    async (copy) => {
      const site = await build();

      const { outcome } = await migrateCold(site, {}, { options: { copy } });

      expect(outcome.kind).toBe('done');
      const { files } = hostOf(site.world, HostName.parse('h2'));
      expect(files.get('/var/lib/libvirt/images/vm1/disk0')?.content).toBe(
        'data of vm1 + base image',
      );
      expect(files.get(BASE)?.content).toBe('other');
      expect([...hostOf(site.world, HostName.parse('h1')).files.keys()].join()).not.toContain(
        'vm1',
      );
    },
  );

  it('ends where it began when it is reverted', async () => {
    const site = await build();
    const start = await site.picture();

    await migrateCold(site, { decide: 'revert' }, { options: { copy: 'scp' } });

    expect(await site.picture()).toEqual(start);
  });
});
