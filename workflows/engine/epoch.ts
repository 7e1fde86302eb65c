/** The number that a step's call travels with; the host keeps the highest (activities/kit/fence.ts). */

/** The input with its route numbered; a plan's route has no number, since a plan changes nothing. */
export function withEpoch(input: unknown, epoch: number): unknown {
  const { route } = input as { route?: { epoch?: number } };
  return route?.epoch === undefined ? input : { ...(input as object), route: { ...route, epoch } };
}
