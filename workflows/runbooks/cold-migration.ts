/** The runbook `coldMigration`: power off, set aside, copy, start on the target, and nothing removed before it is confirmed. */
import { needsBacking, planCopies, type CopyPlan } from '../../model/copy.js';
import { secretsOf } from '../../model/need.js';
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import { ColdMigrationRequest } from '../../model/migration.js';
import { type Decision, type Hold } from '../../model/progress.js';
import { type MigrationReport } from '../../model/report.js';
import { type Route } from '../../model/route.js';
import { powerOf, stateOf } from '../../model/vm.js';
import { z } from 'zod';
import {
  check,
  checks,
  keptOf,
  namesOf,
  remarksOf,
  subjectOfMove,
  type RunFacts,
} from './checks.js';
import type { Subject } from '../engine/board.js';
import { isCancelRequested, migrationIdOf, throwIfCancelled } from '../engine/temporal.js';
import { runbook, stepsOf, type Runbook } from '../engine/runbook.js';
import type { Run } from '../kit/runner.js';
import { flatten, precopy, prepareFolders, transferDisks } from '../steps/disks.js';
import { carrySecrets, keepSecrets } from '../steps/secrets.js';
import { setAside } from '../steps/directory.js';
import { render, defineTarget } from '../steps/definition.js';
import { confirm, powerOff, startTarget, verify } from '../steps/guest.js';
import { bindTarget, releaseSource, rebind } from '../steps/network.js';
import { discardSource } from '../steps/source.js';
import { record } from '../steps/inventory.js';
import { previewCold } from '../steps/plan.js';
import { connectVolumes, detachSource } from '../steps/volumes.js';

/** What the docs and the generic tests know of this runbook. All checks and the target's preparation come before the guest is touched. */
export const coldMigrationRunbook: Runbook<ColdMigrationRequest, MigrationReport> = {
  name: 'coldMigration',
  title: 'Cold migration',
  request: ColdMigrationRequest,
  report: z.custom<MigrationReport>(),
  subject: subjectOfMove,
  without: ({ isCarryingSecrets }) => (isCarryingSecrets ? [] : [carrySecrets, keepSecrets]),
  onReverted: revertedReport,
  phases: {
    checking: checks,
    preparing: [bindTarget, carrySecrets, prepareFolders, render],
    copying: [precopy, powerOff, detachSource, setAside, flatten, transferDisks],
    starting: [connectVolumes, defineTarget, startTarget, rebind, verify],
    finishing: [confirm, keepSecrets, discardSource, releaseSource, record],
  },
};
function revertedReport(
  { vm, uuid, source, target }: Subject,
  why: string,
  kept: readonly string[],
): MigrationReport {
  return {
    outcome: 'reverted',
    vm: vm ?? '',
    uuid: uuid ?? '',
    source: source ?? '',
    target: target ?? '',
    targetReason: why,
    disks: [],
    ...defined({ remarks: kept.length > 0 ? kept : undefined }),
  };
}

/** The steps in their order. */
export const coldMigrationSteps = stepsOf(coldMigrationRunbook);

/** Everything the procedure needs besides its request. */
export interface ColdFacts extends RunFacts {
  /** @throws what a cancelled run ends with, if that was asked for */
  throwIfCancelled(): void;
  /** Waits for confirm or revert; `undefined` when the deadline came first. Without a deadline it waits for ever. */
  window(hold: Hold, deadlineMs: number | undefined): Promise<Decision | undefined>;
}

/** The procedure. A revert is thrown as REVERTED, and takes the same way back as a failure. */
export async function moveCold(
  run: Run,
  request: ColdMigrationRequest,
  facts: ColdFacts,
): Promise<MigrationReport> {
  const { options } = request;
  // All checks come first: a refusal must cost the guest nothing.
  const isEncrypted = options.isEncrypted && !options.isPlain;
  const way = { isEncrypted, isWarm: options.isWarm };
  const checked = await check(run, request, facts, undefined, way);
  const { vm, route, disks, isPlan, report } = checked;
  const { ports, snapshotFiles, isAutostart, ejected, seen } = vm;
  const planned = planCopies(disks, options.copy, [], options.isWarm);
  // A dry run stops here, before the first step that changes a host.
  if (isPlan) return preview(run, request, checked, planned);

  // Everything that can be prepared while the guest still runs is prepared now: each of these steps would otherwise add to its downtime.
  // Binding comes first, because it puts the mark on the guest that keeps other migrations away.
  await run(bindTarget, { route, ports });
  // While the guest still runs: a key that cannot be brought must be found out before the power-off.
  if (request.isCarryingSecrets) await run(carrySecrets, { route, vm, disks, move: 'cold' });
  const needBacking = disks
    .filter((disk) => needsBacking(disk, options.copy))
    .map(({ device }) => device);
  const { lacking } = await run(prepareFolders, { route, disks, needBacking, snapshotFiles });
  // Rendered before the power-off: a definition that cannot be rewritten for the target must fail while the guest still runs.
  const definition = await run(render, { route, disks, ports, ejected, seen, isLive: false });

  const { digests, persistentXml } = definition;
  const power = powerOf(vm.state);
  const isWarm = options.isWarm && power !== 'off';
  const copies = planCopies(disks, options.copy, lacking, isWarm);
  const { bandwidthMibPerSec } = options;
  const state = stateOf(vm);
  const how = { route, disks, copies, state, isWarm, bandwidthMibPerSec, isEncrypted };
  // A warm copy does its long part before the power-off, while the guest writes to overlays.
  const before = await run(precopy, how);
  // From here the guest is down; autostart goes off with it, so that a restart of the source does not start it in the middle of the copy.
  await run(powerOff, { route, power, isAutostart, shutdownSeconds: options.shutdownSeconds });
  // Only a guest that is off can lose its volumes, and the target must not open what the source still holds.
  await run(detachSource, { route, disks });
  // Set aside before the first copy: under its new name nobody can start the guest from disks that are being copied.
  const aside = { route, disks, copies, state, isWarm, accepted: request.accept };
  const { left } = await run(setAside, aside);
  // After the set-aside, since the flat image is made beside the renamed disk; before the transfer, which sends it.
  await run(flatten, { route, disks, copies });
  const { copiedBytes } = await run(transferDisks, { ...how, left });
  // The target connects to the volumes only after the source has let go of them: a cold move never needs both at once.
  await run(connectVolumes, { route, disks });
  // Defined when all disks are there, so that whatever the target starts by itself is whole.
  const text = { digests, persistentXml, ejected, seen, isAutostart };
  await run(defineTarget, { route, ports, disks, copies, state, left, ...text });
  await run(startTarget, { route, power, disks });
  // After the start: the taps exist only now.
  await run(rebind, { route, ports, power });
  // Last before the window: nobody should be asked to confirm a guest that died in its first second.
  const there = { route, power, disks, copies, state, snapshotFiles, left };
  const { arrived } = await run(verify, there);

  // A person decides while the source still has everything: this is the last moment at which going back is complete.
  await window(facts, request, route, copies);
  // The pivot is shielded: an abort that came during the last step counts until here.
  facts.throwIfCancelled();
  const { asRead } = definition;
  await run(confirm, { route, power, disks, state, arrived, secrets: secretsOf(vm), asRead });
  const isSavedStateDiscarded = request.accept.includes('managed-save');
  // After confirm nothing is taken back from the target.
  if (request.isCarryingSecrets) await run(keepSecrets, { route, vm });
  // Only after confirm: until then these files were the way back.
  const own = { disks, state, snapshotFiles, left };
  const discarded = await run(discardSource, { route, power, ...own, isSavedStateDiscarded });
  // With the definition gone nothing can start on the source, so its rules are no longer needed.
  const released = await run(releaseSource, { route, ports, power });
  // This ends the reservation and removes the mark, and with them the protection from other migrations: nothing may come after it.
  await run(record, { route });
  return {
    ...report,
    ...keptOf(discarded, released),
    ...remarksOf(vm, definition, discarded),
    outcome: 'moved',
    copies,
    copiedBytes: before.copiedBytes + copiedBytes,
  };
}

/** What a move would do. */
async function preview(
  run: Run,
  { options }: ColdMigrationRequest,
  { vm, route, disks, report }: Awaited<ReturnType<typeof check>>,
  copies: CopyPlan[],
): Promise<MigrationReport> {
  const steps = namesOf(coldMigrationSteps);
  const plan = await run(previewCold, { route, vm, disks, copies, cold: options, steps });
  return { ...report, ...remarksOf(vm, plan), outcome: 'planned', copies, plan };
}

/** Returns when the move is confirmed. @throws REVERTED */
async function window(
  facts: ColdFacts,
  { options }: ColdMigrationRequest,
  { name: vm, source, target }: Route,
  copies: readonly CopyPlan[],
): Promise<void> {
  const { seconds, then } = options.window;
  if (then === 'confirm' && seconds === 0) return;
  const atDeadline =
    then === 'wait' ? 'It waits until somebody decides.' : `After ${seconds} s: ${then}.`;
  const isCopied = copies.some(({ way }) => way !== 'move');
  const hold: Hold = {
    step: confirm.name,
    kind: 'window',
    code: 'UNCONFIRMED',
    choices: ['confirm', 'revert'],
    message: isCopied
      ? `${vm} is on ${target} now; what was copied is still on ${source} as it was`
      : `${vm} is on ${target} now, with the same disks; ${source} still has its definition`,
    hint: isCopied
      ? `confirm removes the copy on ${source}; revert goes back to it, and what was written to copied disks on ${target} is lost. ${atDeadline}`
      : `confirm removes the definition on ${source}; revert goes back to it. ${atDeadline}`,
  };
  const decision = await facts.window(hold, then === 'wait' ? undefined : seconds * 1000);
  if ((decision?.choice ?? then) === 'confirm') return;
  const by = decision
    ? `by ${decision.by}: ${decision.reason || 'no reason given'}`
    : `after ${seconds} s without a decision`;
  throw new CodedError('REVERTED', `reverted ${by}`);
}

/** The workflow type `coldMigration`. Its argument is checked here, whoever started it. */
export async function coldMigration(input: unknown): Promise<MigrationReport> {
  return runbook(coldMigrationRunbook, input, (run, request, { board, window: wait }) =>
    moveCold(run, request, {
      migrationId: migrationIdOf(),
      setSubject: (subject) => void Object.assign(board.subject, subject),
      isCancelRequested,
      throwIfCancelled,
      window: wait,
    }),
  );
}
