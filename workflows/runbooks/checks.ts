/** How every runbook begins: who may, what is it about, where to, and what speaks against it. */
import { defined } from '../../model/defined.js';
import { ejecting } from '../../model/media.js';
import { placed, type Placement } from '../../model/placement.js';
import { MigrationId } from '../../model/ids.js';
import type { LiveMigrationRequest, Request } from '../../model/migration.js';
import type { Subject } from '../engine/board.js';
import { fatesOf, powerOf, type Vm } from '../../model/vm.js';
import type { Run } from '../kit/runner.js';
import type { AnyStep } from '../kit/step.js';
import type { DiskPlan } from '../../model/storage.js';
import { authorise } from '../steps/request.js';
import { lookup } from '../steps/vm.js';
import { precheckStorage } from '../steps/storage.js';
import { claim, precheckTarget, schedule } from '../steps/target.js';

/** The steps in their order. */
export const checks = [
  authorise,
  lookup,
  schedule,
  claim,
  precheckStorage,
  precheckTarget,
] as const;

/** Everything a procedure needs besides its request; handed in so that tests can run it without Temporal. */
export interface RunFacts {
  readonly migrationId: string;
  setSubject(subject: Partial<Subject>): void;
  isCancelRequested(): boolean;
  /** Where its disks and ports are to be on the target, if not where they are. */
  readonly placement?: Placement | undefined;
}

/** How a cold move copies. */
interface ColdWay {
  readonly isEncrypted?: boolean | undefined;
  readonly isWarm?: boolean;
}

/** Checks a request, and reserves what it needs unless it is only planned. Nothing on a host is changed. */
export async function check(
  run: Run,
  request: Request,
  facts: RunFacts,
  live?: LiveMigrationRequest['options'],
  { isEncrypted = live?.isEncrypted, isWarm = false }: ColdWay = {},
) {
  const move = live ? 'live' : 'cold';
  const { requestedBy, reason, project, vm: name, target: wanted, media } = request;
  const accepted = request.accept;
  // The policy comes first: no host is asked on behalf of somebody who may not move the VM.
  await run(authorise, { requestedBy, reason, project, vm: name, target: wanted, move });
  // The host is asked, not only the inventory: the choice of a target needs the guest as it is now.
  const { vm: found } = await run(lookup, { vm: name, move });
  const asked = placed(media === 'eject' ? ejecting(found) : found, facts.placement);
  facts.setSubject(subjectOf(found));
  const maps = [...request.storageMaps, ...request.networkMaps];
  const wish = {
    vm: asked,
    target: wanted,
    move,
    requestedBy,
    isEncrypted,
    maps,
    accepted,
  } as const;
  const { target, diskBytes, reason: targetReason, placement } = await run(schedule, wish);
  const chosen = placed(asked, placement);
  facts.setSubject({ target, accepted });
  const ends = { uuid: chosen.uuid, source: chosen.host, target };
  const isPlan = request.mode === 'plan';
  const migrationId = MigrationId.parse(facts.migrationId);
  const epoch = isPlan ? undefined : 0;
  const { memoryBytes, vcpus } = chosen;
  const route = { migrationId, name: chosen.name, ...ends, ...defined({ epoch }) };
  // Claimed before the prechecks, which take a while: a second migration must not take the same memory in between. A plan claims nothing.
  if (!isPlan) await run(claim, { route, memoryBytes, vcpus, diskBytes });
  // How each disk travels decides what the target must have, so storage is checked before the target.
  // What is off has nothing that a warm copy would be for.
  const isWarmed = isWarm && powerOf(chosen.state) !== 'off';
  const what = { route, disks: chosen.disks, move, media, isWarm: isWarmed } as const;
  const { disks, objections, remarks } = await run(precheckStorage, what);
  const { forecast, idle } = await run(precheckTarget, {
    route,
    vm: chosen,
    disks,
    objections,
    accepted,
    isCarryingSecrets: request.isCarryingSecrets,
    ...defined({ live: live ? { options: live, isForecastMeasured: isPlan } : undefined }),
  });
  const vm = withRemarks(chosen, remarks, idle);
  const report = {
    vm: vm.name,
    ...ends,
    targetReason,
    disks: disks.map(handlingOf),
    ...defined({
      forecast,
      remarks: vm.remarks.length > 0 ? vm.remarks : undefined,
      parts: isPlan ? fatesOf(vm, move) : undefined,
    }),
  };
  return { vm, route, disks, isPlan, report };
}

const handlingOf = ({ device, handling, reason }: DiskPlan) => ({ device, handling, reason });

/** A word that was accepted for nothing is told, since the one that was meant may be needed another time. */
const withRemarks = (vm: Vm, found: readonly string[] = [], idle: readonly string[] = []): Vm => ({
  ...vm,
  remarks: [...vm.remarks, ...found, ...idle.map((word) => `--accept ${word} met no objection`)],
});

const subjectOf = ({ name, uuid, host, project }: Vm): Subject => ({
  title: name,
  vm: name,
  uuid,
  source: host,
  project,
});

/** What a report says of what stayed on the source, because others use it. */
export const keptOf = (...steps: readonly { kept?: string[] | undefined }[]) => {
  const kept = steps.flatMap((step) => step.kept ?? []);
  return kept.length > 0 ? { kept } : {};
};

/** What a report says of the guest that is no objection, of what it has not got any more, and of what the source had not. */
export function remarksOf(
  { remarks }: { readonly remarks: readonly string[] },
  { dropped }: { readonly dropped: readonly string[] },
  { gone = [] }: { readonly gone?: readonly string[] | undefined } = {},
): { remarks?: string[] } {
  const all = [...remarks, ...dropped, ...gone];
  return all.length > 0 ? { remarks: all } : {};
}

/** Steps by their names. */
export const namesOf = (steps: readonly AnyStep[]): string[] => steps.map(({ name }) => name);

/** What a move is about. */
export const subjectOfMove = ({ vm, project }: Pick<Request, 'vm' | 'project'>): Subject => ({
  title: vm,
  vm,
  project,
});
