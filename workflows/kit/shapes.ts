/** Inputs that several steps have. */
import { z } from 'zod';
import { Route } from '../../model/migration.js';
import { Port } from '../../model/network.js';
import { DiskPlan } from '../../model/storage.js';

/** A step about a guest's disks. */
export const RouteAndDisks = z.object({ route: Route, disks: z.array(DiskPlan) });
/** A step about a guest's ports. */
export const RouteAndPorts = z.object({ route: Route, ports: z.array(Port) });
