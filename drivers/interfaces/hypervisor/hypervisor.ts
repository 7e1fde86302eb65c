/** What drover needs of a host's hypervisor. libvirt is one implementation, the fake data centre the other. */
import type { Definitions } from './definitions.js';
import type { Facts } from './facts.js';
import type { Marks } from './marks.js';
import type { Power } from './power.js';
import type { Secrets } from './secrets.js';
import type { Transfers } from './transfers.js';

/** One host's hypervisor, by subject: who needs a part asks for that part. */
export interface Hypervisor extends Facts, Definitions, Secrets, Power, Transfers, Marks {}
