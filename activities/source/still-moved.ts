/** Asked directly before something of the source's goes. */
import type { Route } from '../../model/route.js';
import type { PowerState } from '../../model/vm.js';
import { requireOnTarget } from '../guest/location.js';
import { requireMark } from '../kit/fence.js';
import type { Deps } from '../kit/implement.js';

/**
 * Reading definitions and asking who uses files lasts, and a worker may stand still meanwhile: by now the guest may be back, or be
 * another run's. @throws FENCED, GUEST_NOT_ON_TARGET
 */
export async function requireStillMoved(
  deps: Deps,
  route: Route,
  power?: PowerState,
): Promise<void> {
  const { source, target } = await requireOnTarget(deps, route, power);
  await requireMark(source, route);
  await requireMark(target, route);
}
