/** The runbook `liveMigration`: the documented procedure, step by step, for shared storage, volumes and block. */
import { defined } from '../../model/defined.js';
import { LiveMigrationRequest } from '../../model/migration.js';
import { type MigrationReport } from '../../model/report.js';
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
import { isCancelRequested, migrationIdOf } from '../engine/temporal.js';
import { runbook, stepsOf, type Runbook } from '../engine/runbook.js';
import type { Run } from '../kit/runner.js';
import { persist, render } from '../steps/definition.js';
import { carrySecrets, keepSecrets } from '../steps/secrets.js';
import { activateTarget, bindTarget, releaseSource } from '../steps/network.js';
import { preview } from '../steps/plan.js';
import { destroySource } from '../steps/source.js';
import { record } from '../steps/inventory.js';
import { prepareDisks } from '../steps/disks.js';
import { connectVolumes, disconnectVolumes } from '../steps/volumes.js';
import { transfer } from '../steps/transfer.js';
import { locate } from '../steps/guest.js';

/**
 * What the docs and the generic tests know of this runbook. F8 and F9 stand after the switchover: before it they would cut
 * a running guest off.
 */
export const liveMigrationRunbook: Runbook<LiveMigrationRequest, MigrationReport> = {
  name: 'liveMigration',
  title: 'Live migration',
  request: LiveMigrationRequest,
  report: z.custom<MigrationReport>(),
  subject: subjectOfMove,
  without: ({ isCarryingSecrets }) => (isCarryingSecrets ? [] : [carrySecrets, keepSecrets]),
  phases: {
    checking: checks,
    preparing: [bindTarget, carrySecrets, connectVolumes, prepareDisks, render],
    transferring: [transfer, locate],
    finishing: [
      activateTarget,
      persist,
      keepSecrets,
      disconnectVolumes,
      releaseSource,
      destroySource,
      record,
    ],
  },
};
/** The steps in their order. */
export const liveMigrationSteps = stepsOf(liveMigrationRunbook);

/** The procedure. It reads as docs/runbooks/live-migration.md, which is generated from the same declarations. */
export async function moveLive(
  run: Run,
  request: LiveMigrationRequest,
  facts: RunFacts,
): Promise<MigrationReport> {
  const { options } = request;
  // All checks come first: a refusal must cost the guest nothing.
  const { vm, route, disks, isPlan, report } = await check(run, request, facts, options);
  const { ports, ejected, seen } = vm;
  // A dry run stops here, before the first step that changes a host.
  if (isPlan) {
    const plan = await run(preview, {
      route,
      vm,
      disks,
      live: options,
      steps: namesOf(liveMigrationSteps),
    });
    return { ...report, ...remarksOf(vm, plan), outcome: 'planned', plan };
  }
  // This is the first step that touches the guest's hosts: it puts the mark on the guest, so that no other migration can interfere.
  // The rules must be in place before the transfer, because QEMU creates the taps when it starts on the target.
  await run(bindTarget, { route, ports });
  // Before the steps that let the target open a disk: it needs the keys for that.
  if (request.isCarryingSecrets) await run(carrySecrets, { route, vm, disks, move: 'live' });
  // QEMU on the target opens every disk when the transfer starts, so volumes, folders and files must be there before it.
  await run(connectVolumes, { route, disks });
  await run(prepareDisks, { route, disks });
  // Rendered while everything can still be undone: a definition that cannot be rewritten for the target must fail here, not after the switchover.
  const definition = await run(render, { route, disks, ports, ejected, seen });

  // Whatever the transfer says, nothing is taken back or carried on before both hosts were asked.
  const { memoryBytes } = vm;
  const { digests, liveXml } = definition;
  const what = { route, ports, digests, liveXml, ejected, seen, disks, options, memoryBytes };
  const send = () => run.settle(transfer, what);
  let sent = await send();
  while ((await run(locate, { route })).runsOn === 'source') {
    if (sent.ok) throw new Error('the transfer ended well, but the guest is on the source');
    await run.reconsider(transfer, sent.error);
    sent = await send();
  }

  // After the pivot the order is by urgency: the guest runs and needs its network first.
  await run(activateTarget, { route, ports });
  // Defined on the target before anything is taken from the source, so that at every moment one host would still know the guest after a restart.
  await run(persist, { route, disks, ports, ...definition, isAutostart: vm.isAutostart });
  // The target's definition names them for good now.
  if (request.isCarryingSecrets) await run(keepSecrets, { route, vm });
  // Only now, not where the procedure's text has it (F8, F9): earlier it would have cut the disks and the network of a running guest.
  await run(disconnectVolumes, { route, disks });
  const released = await run(releaseSource, { route, ports });
  // The source's definition and files go last: until here they are what a person could fall back on.
  const destroyed = await run(destroySource, { route, disks, asRead: definition.asRead });
  // This ends the reservation and removes the mark, and with them the protection from other migrations: nothing may come after it.
  await run(record, { route });
  return {
    ...report,
    ...keptOf(released, destroyed),
    ...remarksOf(vm, definition, destroyed),
    outcome: 'moved',
    ...defined({
      transfer: sent.ok ? sent.value : undefined,
      cancelCameTooLate: facts.isCancelRequested() ? true : undefined,
    }),
  };
}

/** The workflow type `liveMigration`. Its argument is checked here, whoever started it. */
export async function liveMigration(input: unknown): Promise<MigrationReport> {
  return runbook(liveMigrationRunbook, input, (run, request, { board }) =>
    moveLive(run, request, {
      migrationId: migrationIdOf(),
      setSubject: (subject) => void Object.assign(board.subject, subject),
      isCancelRequested,
    }),
  );
}
