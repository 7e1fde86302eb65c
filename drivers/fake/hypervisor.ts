/** A hypervisor in memory. */
import type { HostName } from '../../model/ids.js';
import type { Hypervisor } from '../interfaces/hypervisor/hypervisor.js';
import type { Marks } from '../interfaces/hypervisor/marks.js';
import type { Transfers } from '../interfaces/hypervisor/transfers.js';
import { atHost, type AtHost } from './at-host.js';
import { fakeDefinitions } from './definitions.js';
import { fakeFacts } from './facts.js';
import { fakePower } from './power.js';
import { describeTransfer } from '../libvirt/transfer.js';
import { resumeTransfer, runTransfer, SENT } from './transfer.js';
import type { FakeWorld } from './world.js';

/** The hypervisor of one fake host. */
export function fakeHypervisor(world: FakeWorld, name: HostName): Hypervisor {
  const at = atHost(world, name);
  return {
    ...fakeFacts(at),
    ...fakeDefinitions(at),
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
  completedJob: () => done(SENT),
  abortJob: (uuid) => {
    world.jobs.get(uuid)?.abort();
    return done(undefined);
  },
  setMaxDowntime: () => done(undefined),
  startPostCopy: () => done(undefined),
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
    if (guest) guest.mark = mark;
    return done(undefined);
  },
});
