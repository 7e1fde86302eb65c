/** The transfer itself, and the question that decides everything after it. */
import { z } from 'zod';
import { Route, TransferOptions, TransferProgress } from '../../model/migration.js';
import { Port } from '../../model/network.js';
import { DiskPlan } from '../../model/storage.js';
import { GuestState } from '../../model/vm.js';
import { step } from '../kit/step.js';

/** F6 F7 L4. Its failure proves nothing: only `guest.locate` says where the guest is. */
export const transfer = step({
  name: 'transfer.run',
  doc: 'Start the transfer by libvirt URI and follow it to its end; the ports are active as soon as the guest runs on the target.',
  facts: ['F6', 'F7', 'L4', 'F15'],
  input: z.object({
    route: Route,
    ports: z.array(Port),
    liveXml: z.string(),
    disks: z.array(DiskPlan),
    options: TransferOptions,
    memoryBytes: z.number(),
  }),
  output: TransferProgress,
  timing: 'longTransfer',
  errors: ['TRANSFER_FAILED', 'TRANSFER_ABORTED', 'TRANSFER_TIMEOUT', 'GUEST_NOT_RUNNING'],
  undo: { name: 'transfer.abort', doc: 'Abort the transfer; the guest stays on the source.' },
});

const seen = z.union([GuestState, z.literal('absent')]);

/** The pivot is a fact about the world, found by asking both hosts. */
export const locate = step({
  name: 'guest.locate',
  doc: 'Ask both hosts where the guest runs.',
  facts: [],
  input: z.object({ route: Route }),
  output: z.object({ runsOn: z.enum(['source', 'target']), source: seen, target: seen }),
  timing: 'forward',
  errors: ['LOCATION_UNDECIDED'],
  undo: {
    pivot: 'Once the guest runs on the target, taking anything back could only harm it.',
    passed: ({ runsOn }) => runsOn === 'target',
  },
});
