/** The runbook `liveMigration`: the documented procedure, step by step, for shared storage, volumes and block. */
import { defined } from '../../model/defined.js';
import { LiveMigrationRequest, type MigrationReport } from '../../model/migration.js';
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
  phases: {
    checking: checks,
    preparing: [bindTarget, connectVolumes, prepareDisks, render],
    transferring: [transfer, locate],
    finishing: [activateTarget, persist, disconnectVolumes, releaseSource, destroySource, record],
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
  const { vm, route, disks, isPlan, report } = await check(run, request, facts, options);
  const { ports } = vm;
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
  await run(bindTarget, { route, ports });
  await run(connectVolumes, { route, disks });
  await run(prepareDisks, { route, disks });
  const definition = await run(render, { route, disks, ports });

  // Whatever the transfer says, nothing is taken back or carried on before both hosts were asked.
  const { memoryBytes } = vm;
  const { digests, liveXml } = definition;
  const what = { route, ports, digests, liveXml, disks, options, memoryBytes };
  const send = () => run.settle(transfer, what);
  let sent = await send();
  while ((await run(locate, { route })).runsOn === 'source') {
    if (sent.ok) throw new Error('the transfer ended well, but the guest is on the source');
    await run.reconsider(transfer, sent.error);
    sent = await send();
  }

  await run(activateTarget, { route, ports });
  await run(persist, { route, disks, ports, ...definition, isAutostart: vm.isAutostart });
  await run(disconnectVolumes, { route, disks });
  await run(releaseSource, { route, ports });
  const destroyed = await run(destroySource, { route, disks });
  await run(record, { route });
  return {
    ...report,
    ...keptOf(destroyed),
    ...remarksOf(vm, definition),
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
