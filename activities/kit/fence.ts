/** The single-writer token: the migration's id and epoch stand in the domain's metadata, and an older step is refused there. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import { CodedError } from '../../model/errors.js';
import { Route } from '../../model/migration.js';
import type { Step } from '../../workflows/kit/step.js';
import { endsOf, type Deps, type Implementation, type StepContext } from './implement.js';

/** A step's code behind the fence. */
export interface FencedCode {
  run(input: never, context: StepContext): Promise<unknown>;
  undo?(input: never, context: StepContext): Promise<void>;
}

/** The code of a step; one that changes something first shows that nobody newer works on this guest. */
export function codeOf({ step, make }: Implementation, deps: Deps): FencedCode {
  const { run, undo } = make(deps);
  if (step.undo === 'read-only') return { run };
  const fenced =
    <R>(work: (input: never, context: StepContext) => Promise<R>, isUndo: boolean) =>
    async (input: never, context: StepContext): Promise<R> => {
      await passFence(deps, step, input, isUndo);
      return work(input, context);
    };
  return { run: fenced(run, false), ...(undo ? { undo: fenced(undo, true) } : {}) };
}

/** Undos with a rule of their own. */
const UNDO_FENCES: Readonly<Record<string, 'open' | 'look'>> = {
  // It takes back only what has this migration's id, also where the claim itself was refused.
  'target.claim': 'open',
  // While a transfer runs the domain's definition is locked: nothing can be written.
  'transfer.run': 'look',
};

/** @throws FENCED if another migration, or a later step of this one, has the guest. */
async function passFence(deps: Deps, step: Step, input: unknown, isUndo: boolean): Promise<void> {
  const { data: route } = Route.safeParse((input as { route?: unknown }).route);
  // Runs that began before there were epochs, and steps that are about a host and no guest.
  const fence = (isUndo && UNDO_FENCES[step.name]) || 'write';
  if (route?.epoch === undefined || fence === 'open') return;
  const { source, target } = await endsOf(deps, route);
  await Promise.all([source, target].map((end) => passOn(end, route, fence === 'write')));
}

/** On one host. */
async function passOn(
  { host, hypervisor }: HostDrivers,
  route: Route,
  isWritten: boolean,
): Promise<void> {
  const epoch = route.epoch ?? 0;
  const mark = await hypervisor.readMark(route.uuid).catch(unlessAway);
  if (mark && mark.migrationId !== route.migrationId) {
    throw new CodedError(
      'FENCED',
      `${route.name} on ${host.name} belongs to another migration (${mark.migrationId})`,
      {
        hint: 'See drover list. If no such migration is open, drover audit --repair removes the mark.',
        facts: { host: host.name, owner: mark.migrationId },
      },
    );
  }
  if (mark && mark.epoch > epoch) {
    throw new CodedError(
      'FENCED',
      `${route.name} on ${host.name} is at step ${mark.epoch} of this migration, and this is step ${epoch}`,
      {
        hint: 'A worker that was thought dead came back late: nothing is to be done.',
        facts: { host: host.name, epoch, found: mark.epoch },
      },
    );
  }
  const { migrationId } = route;
  if (isWritten && mark?.epoch !== epoch)
    await hypervisor.writeMark(route.uuid, { migrationId, epoch }).catch(unlessAway);
}

/** The fence is one safeguard more: where a host is away, the step itself says so. */
function unlessAway(error: unknown): undefined {
  if (error instanceof CodedError && ['HOST_UNREACHABLE', 'HOST_TIMEOUT'].includes(error.code))
    return undefined;
  throw error;
}

/** Takes the token away: this migration is over. Absent is fine. */
export async function dropMark({ hypervisor }: HostDrivers, route: Route): Promise<void> {
  const mark = await hypervisor.readMark(route.uuid);
  if (mark?.migrationId === route.migrationId) await hypervisor.writeMark(route.uuid, undefined);
}
