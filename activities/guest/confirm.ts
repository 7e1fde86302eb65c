/** `guest.confirm`: the point of no return of a cold migration. */
import { confirm } from '../../workflows/steps/guest.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from './location.js';

/** The pivot: asks both hosts once more. */
export const confirmActivity = implement(confirm, (deps) => ({
  async run({ route, power }) {
    await requireOnTarget(deps, route, power);
    return { isMoved: true as const };
  },
}));
