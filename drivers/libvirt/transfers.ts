/** Transfers of running guests from one host. */
import type { VmUuid } from '../../model/ids.js';
import type { Transfers } from '../interfaces/hypervisor/transfers.js';
import type { HostShell } from '../interfaces/shell.js';
import { done, orWhen, type Calls } from './calls.js';
import { VIR_ERR } from './errors.js';
import { readJob } from './job.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { END_STREAM } from './scripts.js';
import { describeTransfer, resumeTransfer, setMaxDowntime, startTransfer } from './transfer.js';

/** virDomainGetJobStatsFlags: the completed job, and keep it for the next who asks. */
const COMPLETED = 1 | 2;

/** The transfers of one host. */
export function transfersFrom(calls: Calls, link: LibvirtLink, shell: HostShell): Transfers {
  const { refOf, onDomain } = calls;
  const job = async (uuid: VmUuid, flags: number) =>
    readJob(await onDomain(PROC.domainGetJobStats, uuid, (body) => body.uint(flags)));
  /** A domain that does not run has no job; libvirt calls the question invalid. */
  const unlessNone = <T>(work: Promise<T | undefined>) =>
    orWhen(VIR_ERR.noDomain, orWhen(VIR_ERR.operationInvalid, work, undefined), undefined);
  return {
    startTransfer: (uuid, spec) => startTransfer(link, refOf, uuid, spec),
    describe: describeTransfer,
    job: (uuid) => unlessNone(job(uuid, 0)),
    completedJob: (uuid) => orWhen(VIR_ERR.noDomain, job(uuid, COMPLETED), undefined),
    abortJob: (uuid) => done(unlessNone(done(onDomain(PROC.domainAbortJob, uuid)))),
    setMaxDowntime: async (uuid, ms) => setMaxDowntime(link, await refOf(uuid), ms),
    startPostCopy: (uuid) =>
      done(onDomain(PROC.migrateStartPostCopy, uuid, (body) => body.uint(0))),
    resumePostCopy: (uuid, spec) => resumeTransfer(link, refOf, uuid, spec),
    endStream: async (uuid) => done(shell.run(END_STREAM, [(await refOf(uuid)).name, uuid])),
  };
}
