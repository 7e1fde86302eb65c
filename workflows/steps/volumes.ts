/** Steps about volumes: connections of a host to storage that other hosts reach too. */
import { z } from 'zod';
import { RouteAndDisks } from '../kit/shapes.js';
import { step } from '../kit/step.js';

/** Reads from each volume: one that the target cannot read is found before the guest moves. */
export const connectVolumes = step({
  name: 'volumes.connectTarget',
  doc: 'Connect the guest’s volumes to the target and read from each.',
  facts: ['L2', 'F12'],
  input: RouteAndDisks,
  output: z.object({}),
  timing: 'hostChange',
  errors: ['VOLUME_UNREACHABLE'],
  undo: { name: 'volumes.disconnectTarget', doc: 'Disconnect the volumes from the target.' },
});

/** Only after the switchover: the procedure's order (F8) would cut the disk of a running guest. */
export const disconnectVolumes = step({
  name: 'volumes.disconnectSource',
  doc: 'End the source’s connections to the guest’s volumes.',
  facts: ['F8'],
  input: RouteAndDisks,
  output: z.object({}),
  timing: 'forward',
  errors: ['GUEST_NOT_ON_TARGET', 'VOLUME_UNREACHABLE'],
  undo: { none: 'The guest runs on the target and no longer uses the source.' },
});

/** For a guest that is off: nothing on the source uses its volumes any longer. */
export const detachSource = step({
  name: 'volumes.detachSource',
  doc: 'End the source’s connections to the guest’s volumes, now that it is off.',
  facts: ['C1'],
  input: RouteAndDisks,
  output: z.object({}),
  timing: 'hostChange',
  errors: ['GUEST_NOT_OFF', 'VOLUME_UNREACHABLE'],
  undo: { name: 'volumes.reattachSource', doc: 'Connect the volumes to the source again.' },
});
