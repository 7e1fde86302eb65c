/** What holds for every runbook: each of its calls may fail, each of its steps may be cancelled, repeated, or taken back twice. */
import { IMPLEMENTATIONS } from '../../../activities/index.js';
import type { FaultMode } from '../../../drivers/fake/data-centre.js';
import { COMMON_ERRORS } from '../../../model/errors.js';
import type { Outcome } from '../../../workflows/kit/runner.js';
import { undoOf, type AnyStep } from '../../../workflows/kit/step.js';
import type { FakeSite } from '../../helpers/fake-migration.js';
import {
  codeNamed,
  contextOn,
  type EngineScript,
  type MemoryEngine,
} from '../../helpers/memory-engine.js';

/** What came of a run. */
export interface RanOnce {
  readonly outcome: Outcome<unknown>;
  readonly engine: MemoryEngine;
}

/** A runbook in a world. */
export interface RunbookContract {
  /** As a title: `a live migration of a guest on shared storage`. */
  readonly what: string;
  /** Its steps in their documented order. */
  readonly steps: readonly AnyStep[];
  /** The world as it is before. */
  build(): Promise<FakeSite>;
  /** One run of it. */
  start(site: FakeSite, script?: EngineScript): Promise<RanOnce>;
}

const MODES: readonly FaultMode[] = ['before', 'after', 'lost'];

/** Calls that only read: one that fails after it has happened is the same as one that fails before. */
const READING =
  /\.(?:facts|networks|pools|guests|find|size|busy|compareCpu|givenCpu|canEmulateTpm|reach|trial|broughtSecrets|loops|equipment|switches|samples|find|nwfilters|allotments|kept|secret|xml|secretXml|snapshots|checkpoints|isAutostart|readMark|look|existing|within|chains|inspect|room|sha256|owned|bindings|bridges|knock|get|host|hosts|vm|vms|claims|groups)$/;

/** Calls that are worth breaking: a question that is asked again before anything has changed is broken once. */
function worthBreaking(calls: readonly string[], mode: FaultMode): number[] {
  const asked = new Set<string>();
  return calls.flatMap((name, index) => {
    const isReading = READING.test(name);
    if (!isReading) asked.clear();
    const isKnown = asked.has(name);
    asked.add(name);
    return isReading && (isKnown || mode === 'after') ? [] : [index + 1];
  });
}

/** How the world looks when all went well. */
async function goodEnd({ build, start }: RunbookContract) {
  const site = await build();
  const ran = await start(site);
  return { picture: await site.picture(), calls: [...site.faults.calls], ran };
}

const undeclared = ({ engine }: RanOnce): string[] =>
  engine.raised
    .filter(({ step, code }) => ![...step.errors, ...COMMON_ERRORS].some((known) => known === code))
    .filter(({ code }) => !['UNDO_UNVERIFIED', 'GUEST_ON_TARGET'].includes(code))
    .map(({ step, code }) => `${step.name} raised ${code}`);

/** Declares the tests of a runbook whose steps can all be taken back before its pivot. */
export function contractOf(contract: RunbookContract): void {
  const { what, steps, build, start } = contract;
  describe(what, () => {
    it('moves in the documented order, and what it leaves is only on the target', async () => {
      const site = await build();

      const { outcome, engine } = await start(site);

      expect(outcome.kind).toBe('done');
      expect(engine.called).toEqual(steps.map(({ name }) => name));
      expect(engine.holds).toEqual([]);
      expect(site.world.splitBrains).toEqual([]);
      expect(await site.picture()).toMatchSnapshot();
    });

    it.each(MODES)('ends in one of two states when any single call fails (%s)', async (mode) => {
      const good = await goodEnd(contract);
      for (const call of worthBreaking(good.calls, mode)) {
        const site = await build();
        const before = await site.picture();
        site.faults.at = { call, mode };

        const ran = await start(site);

        const where = `call ${call} (${site.faults.calls[call - 1] ?? ''}) failed ${mode}`;
        const expected = ran.outcome.kind === 'done' ? good.picture : before;
        expect({ where, picture: await site.picture() }).toEqual({ where, picture: expected });
        expect({ where, splitBrains: site.world.splitBrains }).toEqual({ where, splitBrains: [] });
        expect({ where, undeclared: undeclared(ran) }).toEqual({ where, undeclared: [] });
      }
    });

    it.each(['before', 'during'] as const)(
      'leaves nothing behind when it is cancelled at any step (%s)',
      async (when) => {
        const good = await goodEnd(contract);
        for (const { name: step } of steps) {
          const site = await build();
          if (step === 'transfer.run' && when === 'during') site.world.transfer = 'runs';
          const before = await site.picture();

          const { outcome } = await start(site, { cancelAt: { step, when } });

          const expected = outcome.kind === 'done' ? good.picture : before;
          expect({ step, picture: await site.picture() }).toEqual({ step, picture: expected });
          expect({ step, splitBrains: site.world.splitBrains }).toEqual({ step, splitBrains: [] });
        }
      },
    );

    it('is the same if any step runs twice', async () => {
      const good = await goodEnd(contract);
      for (const declared of steps) {
        const site = await build();

        const { outcome } = await start(site, { repeat: declared.name });

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
      const site = await build();
      const before = await site.picture();
      const inputs = new Map<string, unknown>();
      const last = steps.findLast((step) => undoOf(step))?.name ?? '';
      await start(site, {
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
      expect(await site.picture()).toEqual(before);
    });
  });
}

/** Declares the tests of a runbook that only goes forward: what failed in the middle is finished by the next run. */
export function forwardContractOf(contract: RunbookContract): void {
  const { what, steps, build, start } = contract;
  describe(what, () => {
    it('runs its steps in the documented order', async () => {
      const { outcome, engine } = await start(await build());

      expect(outcome.kind).toBe('done');
      expect(engine.called).toEqual(steps.map(({ name }) => name));
    });

    it.each(MODES)('is finished by a second run when any single call fails (%s)', async (mode) => {
      const good = await goodEnd(contract);
      for (const call of worthBreaking(good.calls, mode)) {
        const site = await build();
        site.faults.at = { call, mode };
        const ran = await start(site);
        const where = `call ${call} (${site.faults.calls[call - 1] ?? ''}) failed ${mode}`;
        expect({ where, undeclared: undeclared(ran) }).toEqual({ where, undeclared: [] });
        delete site.faults.at;

        const { outcome } = await start(site);

        expect({ where, kind: outcome.kind }).toEqual({ where, kind: 'done' });
        expect({ where, picture: await site.picture() }).toEqual({ where, picture: good.picture });
      }
    });
  });
}
