/** The transfer of a running guest. */
import { z } from 'zod';
import { TransferOptions } from '../../model/migration.js';
import { TransferProgress } from '../../model/progress.js';
import { Route } from '../../model/route.js';
import { Port } from '../../model/network.js';
import { DiskPlan } from '../../model/storage.js';
import { step } from '../kit/step.js';
import { Rendered } from './definition.js';

/** Its failure proves nothing: only `guest.locate` says where the guest is. */
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
    'SOURCE_STALE',
    'RENDERING_CHANGED',
    'DEFINITION_UNSUPPORTED',
    'DEFINITION_CHANGED',
    'GUEST_MOVED',
  ],
  undo: { name: 'transfer.abort', doc: 'Abort the transfer; the guest stays on the source.' },
  // While a transfer runs the domain's definition is locked: nothing can be written.
  undoFence: 'only looks',
  asksTarget: true,
});
