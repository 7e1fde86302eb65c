/** VMs that a move has in hand. */
import type { Deps, StepContext } from '../kit/implement.js';

/** By the reservations: VMs whose migration is open, or unknown to Temporal. */
export async function movingOf(
  claims: Awaited<ReturnType<Deps['inventory']['claims']>>,
  { runOf }: Pick<StepContext, 'runOf'>,
) {
  const moving = new Set<(typeof claims)[number]['vm']>();
  for (const { vm, migrationId } of claims)
    if ((await runOf(migrationId))?.isOpen !== false) moving.add(vm);
  return moving;
}
