/** Inputs that several steps have. */
import { z } from 'zod';
import { CopyPlan } from '../../model/copy.js';
import { ColdOptions, TransferOptions } from '../../model/migration.js';
import { Route } from '../../model/route.js';
import { Port } from '../../model/network.js';
import { DiskPlan } from '../../model/storage.js';
import { Vm } from '../../model/vm.js';

/** A step about a guest's disks. */
export const RouteAndDisks = z.object({ route: Route, disks: z.array(DiskPlan) });
/** A step about a guest's ports. */
export const RouteAndPorts = z.object({ route: Route, ports: z.array(Port) });

/** A move that is planned and not made: what each step would be given, all in one. */
export const Planned = z.object({
  route: Route,
  vm: Vm,
  disks: z.array(DiskPlan),
  /** How each disk travels, cold. */
  copies: z.array(CopyPlan).default([]),
  /** Of a live move. */
  live: TransferOptions.optional(),
  /** Of a cold one. */
  cold: ColdOptions.optional(),
});
export type Planned = z.infer<typeof Planned>;
