/** The runbook `liveMigration`: the documented procedure, step by step, for shared storage, volumes and block. */
import { LiveMigrationRequest, type MigrationReport } from '../model/migration.js';
import { MigrationId } from '../model/ids.js';
import type { Subject } from './engine/board.js';
import { isCancelRequested, migrationIdOf } from './engine/temporal.js';
import { runbook, stepsOf, type Runbook } from './engine/runbook.js';
import type { Run } from './kit/runner.js';
import { persist, render } from './steps/definition.js';
import { activateTarget, bindTarget, releaseSource } from './steps/network.js';
import { preview } from './steps/plan.js';
import { authorise, lookup } from './steps/request.js';
import { destroySource, record } from './steps/source.js';
import {
  connectVolumes,
  disconnectVolumes,
  precheckStorage,
  prepareDisks,
} from './steps/storage.js';
import { claim, precheckTarget, schedule } from './steps/target.js';
import { locate, transfer } from './steps/transfer.js';

/**
 * What the docs and the generic tests know of this runbook. F8 and F9 stand after the switchover: before it they would cut
 * a running guest off.
 */
export const liveMigrationRunbook: Runbook<LiveMigrationRequest> = {
  name: 'liveMigration',
  title: 'Live migration',
  request: LiveMigrationRequest,
  phases: {
    checking: [authorise, lookup, schedule, claim, precheckStorage, precheckTarget],
    preparing: [bindTarget, connectVolumes, prepareDisks, render],
    transferring: [transfer, locate],
    finishing: [activateTarget, persist, disconnectVolumes, releaseSource, destroySource, record],
  },
};
/** The steps in their order. */
export const liveMigrationSteps = stepsOf(liveMigrationRunbook);

/** Everything the procedure needs besides its request; handed in so that tests can run it without Temporal. */
export interface RunFacts {
  readonly migrationId: string;
  setSubject(subject: Partial<Subject>): void;
  isCancelRequested(): boolean;
}

/** The procedure. It reads as docs/runbooks/live-migration.md, which is generated from the same declarations. */
export async function moveLive(
  run: Run,
  request: LiveMigrationRequest,
  facts: RunFacts,
): Promise<MigrationReport> {
  const { requestedBy, reason, project, options } = request;
  await run(authorise, {
    requestedBy,
    reason,
    project,
    vm: request.vm,
    target: request.target,
    move: 'live',
  });
  const { vm } = await run(lookup, { vm: request.vm });
  facts.setSubject({ vm: vm.name, source: vm.host });
  const chosen = await run(schedule, { vm, target: request.target });
  const { target } = chosen;
  facts.setSubject({ target });
  const route = {
    migrationId: MigrationId.parse(facts.migrationId),
    uuid: vm.uuid,
    name: vm.name,
    source: vm.host,
    target,
  };
  const isPlan = request.mode === 'plan';
  if (!isPlan) {
    await run(claim, {
      route,
      memoryBytes: vm.memoryBytes,
      vcpus: vm.vcpus,
      diskBytes: chosen.diskBytes,
    });
  }
  const { disks } = await run(precheckStorage, { route, disks: vm.disks });
  const { forecast } = await run(precheckTarget, {
    route,
    vm,
    disks,
    live: { options, isForecastMeasured: isPlan },
  });
  const report = {
    vm: vm.name,
    uuid: vm.uuid,
    source: vm.host,
    target,
    targetReason: chosen.reason,
    disks: disks.map((disk) => ({
      device: disk.device,
      handling: disk.handling,
      reason: disk.reason,
    })),
    ...(forecast ? { forecast } : {}),
  };
  const { ports } = vm;
  if (isPlan) {
    const { liveXml } = await run(render, { route, disks, ports });
    const plan = await run(preview, { route, disks, ports, liveXml, options });
    return { ...report, outcome: 'planned', plan };
  }
  await run(bindTarget, { route, ports });
  await run(connectVolumes, { route, disks });
  await run(prepareDisks, { route, disks });
  const definition = await run(render, { route, disks, ports });

  // Whatever the transfer says, nothing is taken back or carried on before both hosts were asked.
  const { liveXml } = definition;
  const sent = await run.settle(transfer, {
    route,
    liveXml,
    disks,
    options,
    memoryBytes: vm.memoryBytes,
  });
  const { runsOn } = await run(locate, { route });
  if (runsOn === 'source')
    throw sent.ok
      ? new Error('the transfer ended well, but the guest is on the source')
      : sent.error;

  await run(activateTarget, { route, ports });
  await run(persist, { route, disks, ...definition, isAutostart: vm.isAutostart });
  await run(disconnectVolumes, { route, disks });
  await run(releaseSource, { route, ports });
  await run(destroySource, { route, disks });
  await run(record, { route });
  return {
    ...report,
    outcome: 'moved',
    ...(sent.ok ? { transfer: sent.value } : {}),
    ...(facts.isCancelRequested() ? { cancelCameTooLate: true } : {}),
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
