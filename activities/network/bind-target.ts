/** `network.bindTarget` and its undo. */
import { CodedError } from '../../model/errors.js';
import { targetTap, type Port } from '../../model/network.js';
import { bindTarget } from '../../workflows/steps/network.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../kit/location.js';

/** F10 F11 F13. The tap's name is known before the tap exists, so its rules can be there first. */
export const bindTargetActivity = implement(bindTarget, (deps) => ({
  async run({ route, ports }) {
    const { target } = await endsOf(deps, route);
    const wanted = onTarget(ports);
    const bound = await target.network.bind(wanted, await deps.inventory.groups());
    const missing = wanted.filter(({ mac }) => !bound.some((binding) => binding.mac === mac));
    if (missing.length === 0) return {};
    throw new CodedError(
      'BINDING_FAILED',
      `not bound on ${route.target}: ${missing.map(({ mac }) => mac).join(', ')}`,
      {
        hint: `Look at nft list table bridge drover on ${route.target}.`,
      },
    );
  },
  async undo({ route, ports }) {
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const bound = await target.network.unbind(onTarget(ports));
    const left = bound.filter(({ mac }) => ports.some((port) => port.mac === mac));
    if (left.length === 0) return;
    throw new CodedError(
      'UNDO_UNVERIFIED',
      `still bound on ${route.target}: ${left.map(({ mac }) => mac).join(', ')}`,
    );
  },
}));

/** The ports under the taps that they have on the target. */
export const onTarget = (ports: readonly Port[]): Port[] =>
  ports.map((port) => ({ ...port, tap: targetTap(port.mac) }));
