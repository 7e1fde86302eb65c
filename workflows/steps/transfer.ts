/** The transfer itself, and the question that decides everything after it. */
import { z } from 'zod';
import { SIDES } from '../../model/arbiter.js';
import { Route, TransferOptions, TransferProgress } from '../../model/migration.js';
import { Port } from '../../model/network.js';
import { DiskPlan } from '../../model/storage.js';
import { step } from '../kit/step.js';
import { Rendered } from './definition.js';

/** F6 F7 L4. Its failure proves nothing: only `guest.locate` says where the guest is. */
export const transfer = step({
  name: 'transfer.run',
  doc: 'Start the transfer by libvirt URI and follow it to its end; the ports are active as soon as the guest runs on the target.',
  facts: ['F6', 'F7', 'L4', 'F15'],
  input: z
    .object({
      route: Route,
      ports: z.array(Port),
      disks: z.array(DiskPlan),
      options: TransferOptions,
      memoryBytes: z.number(),
    })
    .extend(Rendered.shape),
  output: TransferProgress,
  timing: 'longTransfer',
  errors: [
    'TRANSFER_FAILED',
    'TRANSFER_ABORTED',
    'TRANSFER_TIMEOUT',
    'TRANSFER_STUCK',
    'GUEST_NOT_RUNNING',
    'RENDERING_CHANGED',
    'DEFINITION_UNSUPPORTED',
    'GUEST_MOVED',
  ],
  undo: { name: 'transfer.abort', doc: 'Abort the transfer; the guest stays on the source.' },
  // While a transfer runs the domain's definition is locked: nothing can be written.
  undoFence: 'only looks',
  asksTarget: true,
});

const side = z.enum(SIDES);

const location = {
  input: z.object({ route: Route }),
  output: z.object({ runsOn: z.enum(['source', 'target']), source: side, target: side }),
  timing: 'forward',
  errors: ['LOCATION_UNDECIDED'],
} as const;

/** An operator's word where no rule decides. What runs is never ended by it. */
export const settleOnTarget = step({
  ...location,
  name: 'guest.settleOnTarget',
  doc: 'On an operator’s decision: end the paused copy on the source; the guest is the target’s.',
  facts: [],
  undo: { none: 'An operator has decided.' },
});

/** The pivot is a fact about the world, found by asking both hosts. */
export const locate = step({
  ...location,
  name: 'guest.locate',
  doc: 'Ask both hosts where the guest runs.',
  facts: [],
  undo: {
    pivot: 'Once the guest runs on the target, taking anything back could only harm it.',
    passed: ({ runsOn }) => runsOn === 'target',
    forward: settleOnTarget,
  },
  asksTarget: true,
});
