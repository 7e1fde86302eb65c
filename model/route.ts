/** Who moves from where to where. */
import { z } from 'zod';
import { HostName, MigrationId, VmName, VmUuid } from './ids.js';

/** Who moves from where to where; part of every step's input. */
export const Route = z.object({
  migrationId: MigrationId,
  uuid: VmUuid,
  name: VmName,
  source: HostName,
  target: HostName,
  /** Grows with each call of a step: a later one fences an earlier one off. */
  epoch: z.int().optional(),
  /** While a run is taken back: the codes of the undos that a person has skipped, which later ones go by. */
  skipped: z.array(z.string()).optional(),
});

export type Route = z.infer<typeof Route>;
