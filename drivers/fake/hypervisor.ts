/** A hypervisor in memory. */
import type { HostName } from '../../model/ids.js';
import type { Hypervisor } from '../interfaces/hypervisor/hypervisor.js';
import type { Marks, MigrationMark } from '../interfaces/hypervisor/marks.js';
import type { Transfers } from '../interfaces/hypervisor/transfers.js';
import { isActive } from '../../model/vm.js';
import { atHost, failed, type AtHost } from './at-host.js';
import { fakeDefinitions } from './definitions.js';
import { fakeFacts } from './facts.js';
import { fakePower } from './power.js';
import { fakeSecrets } from './secrets.js';
import { describeTransfer } from '../libvirt/transfer.js';
import { resumeTransfer, runTransfer } from './transfer.js';
import type { FakeGuest, FakeWorld } from './world.js';

/** The hypervisor of one fake host. */
export function fakeHypervisor(world: FakeWorld, name: HostName): Hypervisor {
  const at = atHost(world, name);
  return {
    ...fakeFacts(at),
    ...fakeDefinitions(at),
    ...fakeSecrets(at),
    ...fakePower(at),
    ...fakeTransfers(at),
    ...fakeMarks(at),
  };
}

const fakeTransfers = ({ world, name, host, guestOf, done }: AtHost): Transfers => ({
  startTransfer: (uuid, spec) => runTransfer(world, name, uuid, guestOf(uuid), spec),
  describe: describeTransfer,
  job: (uuid) => {
    const job = world.jobs.get(uuid);
    return done(job?.source === name ? job.progress : undefined);
  },
  completedJob: (uuid) => done(host.guests.get(uuid)?.lastJob),
  abortJob: (uuid) => {
    world.jobs.get(uuid)?.abort();
    return done(undefined);
  },
  setMaxDowntime: async (uuid) => {
    if (!isActive(guestOf(uuid).state)) throw failed(name, 'domain is not running', 55);
    return done(undefined);
  },
  startPostCopy: async (uuid) => {
    guestOf(uuid);
    if (!world.jobs.has(uuid)) throw failed(name, 'no outgoing migration is in progress', 55);
    return done(undefined);
  },
  resumePostCopy: (uuid, spec) => resumeTransfer(world, host, uuid, spec),
  endStream: async (uuid) => done(void Object.assign(guestOf(uuid), { reason: 'postcopyFailed' })),
});

const fakeMarks = ({ host, done }: AtHost): Marks => ({
  readMark: (uuid) => {
    const guest = host.guests.get(uuid);
    return done(guest && (guest.mark ? { mark: guest.mark } : {}));
  },
  writeMark: (uuid, mark) => {
    const guest = host.guests.get(uuid);
    if (guest) writeMark(guest, mark);
    return done(undefined);
  },
});

/** A running guest's definition has the first mark of a migration and its end only, as on a real host. */
function writeMark(guest: FakeGuest, mark: MigrationMark | undefined): void {
  const isLater = mark !== undefined && guest.mark?.migrationId === mark.migrationId;
  const inDefinition = guest.isPersistent && !(isActive(guest.state) && isLater);
  guest.mark = mark;
  if (inDefinition) guest.definedMark = mark;
}
