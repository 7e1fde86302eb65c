/** The fence: the migration's id and epoch are in the domain's metadata, and an older step, or another migration's, is refused. */
import { ZodObject } from 'zod';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError, isAway } from '../../model/errors.js';
import { Route } from '../../model/route.js';
import type { Fence, Step } from '../../workflows/kit/step.js';
import { endsOf, type BoundCode, type Deps, type Implementation } from './implement.js';

/** The code of a step. A step that changes something checks first that no newer step works on this guest. */
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

/** @throws FENCED if another migration or a later step of this one has the guest, or if no migration has it any longer. */
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
  // The first step must write the mark; for later ones the fence is an extra safeguard, and if a host is unreachable the step itself reports it.
  const tolerated = fence === 'takes it' ? rethrown : unlessAway;
  const seen = await Promise.all(
    [source, target].map(async (end) => ({ end, ...(await lookOn(end, route, tolerated)) })),
  );
  const isMarked = seen.some(({ mark }) => mark);
  const isHere = seen.some(({ isDomain }) => isDomain);
  if (['needs the mark', 'only looks'].includes(fence) && isHere && !isMarked) {
    throw unmarked(route);
  }
  if (!['needs the mark', 'takes it', 'may find it gone'].includes(fence)) return;
  const next = { migrationId: route.migrationId, epoch: route.epoch };
  await Promise.all(
    seen
      .filter(({ isDomain, mark }) => isDomain && mark?.epoch !== next.epoch)
      .map(({ end }) => end.hypervisor.writeMark(route.uuid, next).catch(tolerated)),
  );
}

/** Only a migration that holds a claim may begin to work on a guest; a step of one that is over may not. @throws FENCED */
async function requireClaim({ inventory }: Deps, { migrationId, name }: Route): Promise<void> {
  const claims = await inventory.claims();
  if (claims.some((claim) => claim.migrationId === migrationId)) return;
  throw new CodedError(
    'FENCED',
    `${name} no longer belongs to this migration, which has no claim`,
    {
      hint: 'A worker that was thought dead came back late: there is nothing to do.',
      facts: { owner: migrationId },
    },
  );
}

/** For a step that lasts: the fence once more, before what it does after a wait. @throws FENCED */
export async function requireMark(end: HostDrivers, route: Route): Promise<void> {
  const { isDomain, mark } = await lookOn(end, route, rethrown);
  if (isDomain && !mark) throw unmarked(route);
}

const unmarked = ({ name, migrationId }: Route): CodedError =>
  new CodedError('FENCED', `${name} has no mark: this migration of it is over`, {
    hint: 'A worker that was thought dead came back late, or the mark was removed by hand.',
    facts: { owner: migrationId },
  });

/** A call that did not come from a run of drover. */
const unnumbered = ({ name: step }: Step, { name, migrationId }: Route): CodedError =>
  new CodedError('FENCED', `${step} of ${name} has no epoch, so it changes nothing`, {
    hint: 'Only drover’s own workflows number their steps. Runs of releases without epochs must be ended by hand.',
    facts: { owner: migrationId },
  });

/** The mark on one host. @throws FENCED for a mark of another migration, or one newer than this step */
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
      'A worker that was thought dead came back late: there is nothing to do.',
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

/** Removes this migration's mark, if it is there: the migration is over. */
export async function dropMark({ hypervisor }: HostDrivers, route: Route): Promise<void> {
  const mark = (await hypervisor.readMark(route.uuid))?.mark;
  if (mark?.migrationId === route.migrationId) await hypervisor.writeMark(route.uuid, undefined);
}
