/** Steps about the guest's ports: inactive binding on the target, activation, release on the source. */
import { z } from 'zod';
import { Route } from '../../model/route.js';
import { Port } from '../../model/network.js';
import { PowerState } from '../../model/vm.js';
import { RouteAndPorts } from '../kit/shapes.js';
import { step } from '../kit/step.js';

/** The rules are in place before the tap exists, so no packet goes unfiltered. */
export const bindTarget = step({
  name: 'network.bindTarget',
  doc: 'Bind each port on the target, inactive, with its security groups in place.',
  facts: ['F10', 'F11', 'F13'],
  input: RouteAndPorts,
  output: z.object({}),
  timing: 'hostChange',
  errors: ['BINDING_FAILED', 'SECURITY_GROUP_UNKNOWN'],
  undo: { name: 'network.unbindTarget', doc: 'Remove the ports’ bindings from the target.' },
  fence: 'takes it',
  // The one that takes it may have failed before it did.
  undoFence: 'unless another has it',
});

/** The first step after the switchover: everything else can wait, the network cannot. */
export const activateTarget = step({
  name: 'network.activateTarget',
  doc: 'Activate the ports’ bindings on the target.',
  facts: ['F15'],
  input: RouteAndPorts,
  output: z.object({}),
  timing: 'forward',
  errors: ['BINDING_FAILED'],
  undo: { none: 'The guest runs on the target: its network belongs there.' },
});

/** Only after the guest has left: until then these rules filter what it sends. */
export const releaseSource = step({
  name: 'network.releaseSource',
  doc: 'Release the security groups and bindings of the ports on the source.',
  facts: ['F9', 'F18'],
  input: RouteAndPorts.extend({ power: PowerState.default('running') }),
  output: z.object({
    /** What stays on the source, because others may have the same address. */
    kept: z.array(z.string()).optional(),
  }),
  timing: 'forward',
  errors: ['BINDING_FAILED', 'GUEST_NOT_ON_TARGET'],
  undo: { none: 'The guest runs on the target and sends nothing through the source.' },
});

/** For a guest that was started on the target: its taps exist only since then. */
export const rebind = step({
  name: 'network.rebind',
  doc: 'Activate the ports’ bindings on the target.',
  facts: ['F15'],
  input: z.object({ route: Route, ports: z.array(Port), power: PowerState }),
  output: z.object({}),
  timing: 'hostChange',
  errors: ['BINDING_FAILED'],
  undo: { none: 'The binding goes, active or not, with what network.bindTarget made.' },
});
