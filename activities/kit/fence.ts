/** The single-writer token: the migration's id and epoch stand in the domain's metadata, and an older step is refused there. */
import { ZodObject } from 'zod';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError, isAway } from '../../model/errors.js';
import { Route } from '../../model/migration.js';
import type { Fence, Step } from '../../workflows/kit/step.js';
import { endsOf, type BoundCode, type Deps, type Implementation } from './implement.js';

/** The code of a step; one that changes something first shows that nobody newer works on this guest. */
export const codeOf = (implementation: Implementation, deps: Deps): BoundCode =>
  implementation.bind(deps, (input, which) => passFence(deps, implementation.step, input, which));

/** The fence in front of a step; none where nothing is changed, or no guest is meant. */
function fenceOf(
  { undo, input, fence, undoFence }: Step,
  which: 'run' | 'undo',
): Fence | undefined {
  // The pivot asks, as the steps do that only read.
  if (undo === 'read-only' || (typeof undo === 'object' && 'pivot' in undo)) return undefined;
  // A step that is about a host and no guest has no route.
  if (!(input instanceof ZodObject && 'route' in input.shape)) return undefined;
  const declared = (which === 'run' ? fence : undoFence) ?? 'needs the mark';
  return declared === 'open' ? undefined : declared;
}

/** @throws FENCED if another migration, a later step of this one, or nobody any more has the guest. */
async function passFence(
  deps: Deps,
  step: Step,
  input: unknown,
  which: 'run' | 'undo',
): Promise<void> {
  const fence = fenceOf(step, which);
  if (!fence) return;
  const route = Route.parse((input as { route: unknown }).route);
  if (route.epoch === undefined) {
    if (fence === 'also of a plan') return;
    throw unnumbered(step, route);
  }
  if (fence === 'takes it') await requireClaim(deps, route);
  const { source, target } = await endsOf(deps, route);
  // The first step must have it for sure; later the fence is one safeguard more, and where a host is away the step says so.
  const tolerated = fence === 'takes it' ? rethrown : unlessAway;
  const seen = await Promise.all(
    [source, target].map(async (end) => ({ end, ...(await lookOn(end, route, tolerated)) })),
  );
  const isMarked = seen.some(({ mark }) => mark);
  const isHere = seen.some(({ isDomain }) => isDomain);
  if (['needs the mark', 'only looks'].includes(fence) && isHere && !isMarked) {
    throw new CodedError('FENCED', `${route.name} bears no mark: this migration of it is over`, {
      hint: 'A worker that was thought dead came back late, or the mark was removed by hand.',
      facts: { owner: route.migrationId },
    });
  }
  if (!['needs the mark', 'takes it', 'may find it gone'].includes(fence)) return;
  const next = { migrationId: route.migrationId, epoch: route.epoch };
  await Promise.all(
    seen
      .filter(({ isDomain, mark }) => isDomain && mark?.epoch !== next.epoch)
      .map(({ end }) => end.hypervisor.writeMark(route.uuid, next).catch(tolerated)),
  );
}

/** Nobody but a migration that has begun by its claim may begin to work on a guest: not a step of one that is over. @throws FENCED */
async function requireClaim({ inventory }: Deps, { migrationId, name }: Route): Promise<void> {
  const claims = await inventory.claims();
  if (claims.some((claim) => claim.migrationId === migrationId)) return;
  throw new CodedError('FENCED', `${name} is not this migration's any more: it has no claim`, {
    hint: 'A worker that was thought dead came back late: nothing is to be done.',
    facts: { owner: migrationId },
  });
}

/** A call that no run of drover's has made. */
const unnumbered = ({ name: step }: Step, { name, migrationId }: Route): CodedError =>
  new CodedError('FENCED', `${step} of ${name} has no epoch, and changes nothing without one`, {
    hint: 'Only drover’s own workflows number their steps. Runs of releases without epochs have to be ended by hand.',
    facts: { owner: migrationId },
  });

/** What one host has; a mark that is not this migration's, or newer than this step, ends it. */
async function lookOn(
  { host, hypervisor }: HostDrivers,
  route: Route,
  tolerated: (error: unknown) => undefined,
) {
  const found = await hypervisor.readMark(route.uuid).catch(tolerated);
  const mark = found?.mark;
  const refuse = (why: string, hint: string) =>
    new CodedError('FENCED', `${route.name} on ${host.name} ${why}`, {
      hint,
      facts: { host: host.name, owner: mark?.migrationId ?? '' },
    });
  if (mark && mark.migrationId !== route.migrationId)
    throw refuse(
      `belongs to another migration (${mark.migrationId})`,
      'See drover list. If no such migration is open, drover audit --repair removes the mark.',
    );
  if (mark && mark.epoch > (route.epoch ?? 0))
    throw refuse(
      `is at step ${mark.epoch} of this migration, and this is step ${route.epoch ?? 0}`,
      'A worker that was thought dead came back late: nothing is to be done.',
    );
  return { isDomain: found !== undefined, mark };
}

function rethrown(error: unknown): never {
  throw error;
}

function unlessAway(error: unknown): undefined {
  if (isAway(error)) return undefined;
  throw error;
}

/** Takes the token away: this migration is over. Absent is fine. */
export async function dropMark({ hypervisor }: HostDrivers, route: Route): Promise<void> {
  const mark = (await hypervisor.readMark(route.uuid))?.mark;
  if (mark?.migrationId === route.migrationId) await hypervisor.writeMark(route.uuid, undefined);
}
