/** Two small workflows on one host each: reading what it runs, and putting security groups in force. */
import type { z } from 'zod';
import type { HostName } from '../model/ids.js';
import { callOnce } from './engine/temporal.js';
import { discover, enforceGroups } from './steps/inventory.js';

/** What was found on a host. */
export type Discovered = z.output<typeof discover.output>;

/** The workflow type `discoverHost`. */
export const discoverHost = (host: HostName): Promise<Discovered> => callOnce(discover, { host });

/** The workflow type `enforceSecurityGroups`. */
export const enforceSecurityGroups = (
  host: HostName,
): Promise<z.output<typeof enforceGroups.output>> => callOnce(enforceGroups, { host });
