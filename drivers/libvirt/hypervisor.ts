/** The hypervisor interface in libvirt's typed calls. */
import { CodedError } from '../../model/errors.js';
import type { Host, HostFacts, CpuComparison } from '../../model/host.js';
import type { VmUuid } from '../../model/ids.js';
import { pause } from '../deadline.js';
import type { HostShell } from '../interfaces/shell.js';
import { Confidential } from '../../model/confidential.js';
import type { Attached } from '../interfaces/hypervisor/definitions.js';
import type { GuestShape } from '../interfaces/hypervisor/facts.js';
import type { Hypervisor } from '../interfaces/hypervisor/hypervisor.js';
import { jobsOf } from './busy.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import { readDomain, uuidBytes, writeDomain, type DomainRef } from './domain-ref.js';
import { readGuest, readGuests } from './guests.js';
import { onLifecycle } from './lifecycle.js';
import type { LibvirtLink } from './link.js';
import { readMark, writeMark, type MarkCalls } from './mark.js';
import { addOverlays, commitOverlays } from './overlays.js';
import { readJob } from './job.js';
import { defineSnapshots, keptOf, readSnapshots } from './kept.js';
import { readNetworks, readPools } from './networks.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter, type XdrReader } from './rpc/xdr.js';
import { END_STREAM } from './scripts.js';
import { resumeTransfer, setMaxDowntime, startTransfer } from './transfer.js';
import { canEmulateTpm, parseCapabilities } from './capabilities.js';

/** virDomainXMLFlags. The migratable view has secrets without being asked; 1 asks for them. */
const XML_FLAG = { live: 0, inactive: 2, migratable: 8, definition: 2 | 1 } as const;
/** virDomainUndefineFlagsValues. */
const UNDEFINE: Readonly<Record<Attached, number>> = {
  'managed save': 1,
  snapshots: 2,
  checkpoints: 16,
  'TPM state': 32,
};
const [KEEP_NVRAM, KEEP_TPM] = [8, 64];
const STATS_DIRTY_RATE = 512;

/** The hypervisor of one host. */
export function libvirtHypervisor(host: Host, link: LibvirtLink, shell: HostShell): Hypervisor {
  const call = link.call;
  const onDomain = async (
    procedure: number,
    uuid: VmUuid,
    add: (body: XdrWriter) => XdrWriter = (body) => body,
  ) => call(procedure, add(writeDomain(new XdrWriter(), await refOf(uuid))));
  const refOf = async (uuid: VmUuid): Promise<DomainRef> =>
    readDomain(await call(PROC.domainLookupByUuid, new XdrWriter().fixed(uuidBytes(uuid))));
  const orWhen = async <T>(code: number, work: Promise<T>, fallback: T): Promise<T> =>
    work.catch((error: unknown) => {
      if (isLibvirtError(error, code)) return fallback;
      throw error;
    });
  /** A change that libvirt calls invalid when it has nothing to change. */
  const orThereAlready = (procedure: number, uuid: VmUuid, flags?: number) =>
    orWhen(
      VIR_ERR.operationInvalid,
      onDomain(procedure, uuid, (body) => (flags === undefined ? body : body.uint(flags))).then(
        () => undefined,
      ),
      undefined,
    );
  const xml = async (uuid: VmUuid, view: keyof typeof XML_FLAG) =>
    (await onDomain(PROC.domainGetXml, uuid, (body) => body.uint(XML_FLAG[view]))).string();
  const define = async (text: string) => {
    await call(PROC.domainDefineXml, new XdrWriter().string(text).uint(0));
  };
  const ofDomain = { call, refOf };
  const disks = { call, refOf, liveXml: (uuid: VmUuid) => xml(uuid, 'live') };
  const find = (uuid: VmUuid) =>
    orWhen(
      VIR_ERR.noDomain,
      refOf(uuid).then((ref) => readGuest(call, ref)),
      undefined,
    );
  const marks: MarkCalls = { call, refOf, find };
  const job = async (uuid: VmUuid, flags: number) =>
    readJob(await onDomain(PROC.domainGetJobStats, uuid, (body) => body.uint(flags)));

  return {
    facts: () => readFacts(call),
    networks: () => readNetworks(call),
    guests: () => readGuests(call),
    find,
    readMark: (uuid) => readMark(marks, uuid),
    writeMark: (uuid, mark) => writeMark(marks, uuid, mark),
    xml,
    secretXml: async (uuid, view) => new Confidential(await xml(uuid, view)),
    size: (uuid) => readSize(onDomain(PROC.domainGetInfo, uuid)),
    kept: (uuid) => keptOf(ofDomain, uuid),
    snapshots: (uuid) => readSnapshots(ofDomain, uuid),
    defineSnapshots: (uuid, snapshots) => defineSnapshots(ofDomain, uuid, snapshots),
    busy: (uuid, devices) => jobsOf(ofDomain, uuid, devices),
    pools: () => readPools(call),
    canEmulateTpm: async (shape) => canEmulateTpm(await readDomainCapabilities(call, shape)),
    isAutostart: async (uuid) => (await onDomain(PROC.domainGetAutostart, uuid)).int() !== 0,
    setAutostart: async (uuid, isOn) => {
      await onDomain(PROC.domainSetAutostart, uuid, (b) => b.int(Number(isOn)));
    },
    define: (text) => define(text.reveal()),
    redefine: async (uuid, change) => define(change(await xml(uuid, 'definition'))),
    undefine: (uuid, removing) =>
      orWhen(
        VIR_ERR.noDomain,
        onDomain(PROC.domainUndefine, uuid, (body) => body.uint(undefineFlags(removing))).then(
          () => undefined,
        ),
        undefined,
      ),
    compareCpu: (vm) => compareCpu(call, host, vm),
    addOverlays: (uuid, overlays) => addOverlays(disks, uuid, overlays),
    commitOverlays: (uuid, overlays, pauseFor) => commitOverlays(disks, uuid, overlays, pauseFor),
    shutdown: (uuid) => orThereAlready(PROC.domainShutdown, uuid, 0),
    destroy: (uuid) => orThereAlready(PROC.domainDestroy, uuid, 0),
    start: (uuid, { isPaused }) => orThereAlready(PROC.domainCreate, uuid, isPaused ? 1 : 0),
    resume: (uuid) => orThereAlready(PROC.domainResume, uuid),
    startTransfer: (uuid, spec) => startTransfer(link, refOf, uuid, spec),
    // A domain that does not run has no job; libvirt calls the question invalid.
    job: (uuid) =>
      orWhen(
        VIR_ERR.operationInvalid,
        orWhen(VIR_ERR.noDomain, job(uuid, 0), undefined),
        undefined,
      ),
    // 1 | 2: the completed job, and keep it for the next who asks.
    completedJob: (uuid) => orWhen(VIR_ERR.noDomain, job(uuid, 1 | 2), undefined),
    abortJob: (uuid) =>
      orWhen(
        VIR_ERR.noDomain,
        orWhen(
          VIR_ERR.operationInvalid,
          onDomain(PROC.domainAbortJob, uuid).then(() => undefined),
          undefined,
        ),
        undefined,
      ),
    onLifecycle: (uuid, event, listener) => onLifecycle(link, uuid, event, listener),
    setMaxDowntime: async (uuid, ms) => setMaxDowntime(link, await refOf(uuid), ms),
    suspend: (uuid) => orThereAlready(PROC.domainSuspend, uuid),
    resumePostCopy: (uuid, spec) => resumeTransfer(link, refOf, uuid, spec),
    endStream: async (uuid) => {
      await shell.run(END_STREAM, [(await refOf(uuid)).name, uuid]);
    },
    startPostCopy: async (uuid) => {
      await onDomain(PROC.migrateStartPostCopy, uuid, (body) => body.uint(0));
    },
    dirtyRate: (uuid, seconds) => measureDirtyRate(call, refOf, uuid, seconds),
  };
}

const undefineFlags = (removing: readonly Attached[]): number =>
  removing.reduce(
    (flags, what) => flags | UNDEFINE[what],
    removing.includes('TPM state') ? KEEP_NVRAM : KEEP_NVRAM | KEEP_TPM,
  );

async function readDomainCapabilities(
  call: LibvirtLink['call'],
  { emulator, arch, machine, virtType }: GuestShape,
): Promise<string> {
  const body = new XdrWriter().optionalString(emulator).optionalString(arch);
  const shape = body.optionalString(machine).optionalString(virtType).uint(0);
  return (await call(PROC.getDomainCapabilities, shape)).string();
}

/** remote_domain_get_info_ret: state, most and present memory in KiB, vCPUs. XDR spends four bytes on each small one. */
async function readSize(answered: Promise<XdrReader>) {
  const answer = await answered;
  answer.int();
  const memoryBytes = answer.uhyper() * 1024;
  answer.uhyper();
  return { memoryBytes, vcpus: answer.uint() };
}

/** Asks whether the host's CPU has what a guest needs. @throws BAD_ANSWER if libvirt cannot say */
async function compareCpu(
  call: LibvirtLink['call'],
  host: Host,
  vm: Parameters<Hypervisor['compareCpu']>[0],
): Promise<CpuComparison> {
  const body = new XdrWriter()
    .optionalString(vm.emulator)
    .optionalString(vm.arch)
    .optionalString(vm.machine);
  const answer = await call(
    PROC.compareHypervisorCpu,
    body.optionalString(vm.virtType).string(vm.cpuXml).uint(0),
  );
  const result = COMPARISONS[answer.int()];
  if (!result) throw new CodedError('BAD_ANSWER', `${host.name} could not compare the CPU`);
  return result;
}
/** virCPUCompareResult. */
const COMPARISONS: Record<number, CpuComparison> = {
  0: 'incompatible',
  1: 'identical',
  2: 'superset',
};

async function readFacts(
  call: LibvirtLink['call'],
): Promise<Omit<HostFacts, 'bridges' | 'networks'>> {
  const [info, version, libVersion, capabilities, counted] = await Promise.all([
    call(PROC.getNodeInfo, new XdrWriter()),
    call(PROC.getVersion, new XdrWriter()),
    call(PROC.getLibVersion, new XdrWriter()),
    call(PROC.getCapabilities, new XdrWriter()),
    call(PROC.nodeGetMemoryStats, new XdrWriter().int(0).int(-1).uint(0)),
  ]);
  counted.array(() => (counted.string(), counted.uhyper()));
  const memory = await call(
    PROC.nodeGetMemoryStats,
    new XdrWriter().int(counted.int()).int(-1).uint(0),
  );
  const kib = new Map(memory.array(() => [memory.string(), memory.uhyper()] as const));
  info.fixed(32 * 4); // char model[32]: XDR spends four bytes on each char.
  const memoryBytes = info.uhyper() * 1024;
  const free = (kib.get('free') ?? 0) + (kib.get('buffers') ?? 0) + (kib.get('cached') ?? 0);
  return {
    memoryBytes,
    freeMemoryBytes: Math.min(memoryBytes, free * 1024),
    cpus: info.int(),
    qemuVersion: version.uhyper(),
    libvirtVersion: libVersion.uhyper(),
    ...parseCapabilities(capabilities.string()),
  };
}

/** Bytes per second, measured by QEMU for that many seconds; `undefined` if it does not say in time. */
async function measureDirtyRate(
  call: LibvirtLink['call'],
  refOf: (uuid: VmUuid) => Promise<DomainRef>,
  uuid: VmUuid,
  seconds: number,
): Promise<number | undefined> {
  await call(
    PROC.startDirtyRate,
    writeDomain(new XdrWriter(), await refOf(uuid))
      .int(seconds)
      .uint(0),
  );
  for (
    const deadline = Date.now() + (seconds + 5) * 1000;
    Date.now() < deadline;
    await pause(200)
  ) {
    const ref = await refOf(uuid);
    const body = new XdrWriter().uint(1);
    const answer = await call(
      PROC.getAllDomainStats,
      writeDomain(body, ref).uint(STATS_DIRTY_RATE).uint(0),
    );
    const [stats] = answer.array(() => (readDomain(answer), answer.params()));
    // 2: VIR_DOMAIN_DIRTYRATE_MEASURED.
    const rate = stats?.get('dirtyrate.megabytes_per_second');
    if (stats?.get('dirtyrate.calc_status') === 2 && typeof rate === 'number')
      return rate * 1024 * 1024;
  }
  return undefined;
}
