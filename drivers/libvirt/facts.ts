/** Questions to a host that change nothing. */
import { messageOf } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import type { CpuComparison, HostFacts } from '../../model/host-facts.js';
import type { Facts, GuestShape, Reach } from '../interfaces/hypervisor/facts.js';
import { parseAllotments } from './allotments.js';
import { jobsOf } from './busy.js';
import { canEmulateTpm, givenCpu, parseCapabilities } from './capabilities.js';
import { orWhen, type Calls } from './calls.js';
import { measureDirtyRate } from './dirty-rate.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import { readGuest, readGuests } from './guests.js';
import type { LibvirtLink } from './link.js';
import { readNetworks, readNwfilters, readPools } from './networks.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter, type XdrReader } from './rpc/xdr.js';
import type { HostShell } from '../interfaces/shell.js';
import { LAST_RUN, REACH } from './scripts.js';

/** What one host says of itself and its guests. */
export function factsOn(host: Host, calls: Calls, shell: HostShell): Facts {
  const { call, refOf, onDomain } = calls;
  return {
    facts: () => readFacts(call),
    networks: () => readNetworks(call),
    pools: () => readPools(call),
    nwfilters: () => readNwfilters(call),
    allotments: async () =>
      parseAllotments((await call(PROC.getCapabilities, new XdrWriter())).string()),
    reach: (libvirtUri) => reach(shell, libvirtUri),
    guests: () => readGuests(call),
    find: (uuid) =>
      orWhen(
        VIR_ERR.noDomain,
        refOf(uuid).then((ref) => readGuest(call, ref)),
        undefined,
      ),
    lastRun: (name) => lastRun(shell, name),
    size: (uuid) => readSize(onDomain(PROC.domainGetInfo, uuid)),
    busy: (uuid, devices) => jobsOf(calls, uuid, devices),
    canEmulateTpm: async (shape) => canEmulateTpm(await readDomainCapabilities(call, shape)),
    compareCpu: (vm) => compareCpu(call, vm),
    givenCpu: async (shape) => givenCpu(await readDomainCapabilities(call, shape)),
    dirtyRate: (uuid, seconds) => measureDirtyRate(calls, uuid, seconds),
  };
}

/** Sample: `2026-11-28 10:16:16.123+0000`, which is UTC whatever the host's time is. */
async function lastRun(shell: HostShell, name: string): Promise<number | undefined> {
  const { stdout } = await shell.run(LAST_RUN, [name]);
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})\+0000\n$/.exec(stdout) ?? [];
  return day && time ? Date.parse(`${day}T${time}Z`) / 1000 : undefined;
}

/** With root's keys and known hosts, as libvirtd has them. */
async function reach(shell: HostShell, libvirtUri: string): Promise<Reach> {
  const okCodes = [0, 1, 124, 127];
  const { exitCode, stderr } = await shell.run(REACH, [libvirtUri], { okCodes });
  if (exitCode === 0) return { is: 'reached' };
  if (exitCode === 127) return { is: 'untried' };
  const why = exitCode === 124 ? 'no answer in 15 seconds' : stderr;
  return {
    is: 'refused',
    why:
      why
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^error: /, '') ?? '',
  };
}

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

/** VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE: libvirt then says what is missing. */
const SAY_WHY = 1;

/** Asks whether the host's CPU has what a guest needs. */
async function compareCpu(
  call: LibvirtLink['call'],
  vm: Parameters<Facts['compareCpu']>[0],
): Promise<CpuComparison> {
  const body = new XdrWriter()
    .optionalString(vm.emulator)
    .optionalString(vm.arch)
    .optionalString(vm.machine);
  const asked = body.optionalString(vm.virtType).string(vm.cpuXml).uint(SAY_WHY);
  try {
    await call(PROC.compareHypervisorCpu, asked);
    return { is: 'enough' };
  } catch (error) {
    if (!isLibvirtError(error, VIR_ERR.cpuIncompatible)) throw error;
    const text = messageOf(error);
    const [, features] = /required features?: (.*)$/.exec(text) ?? [];
    return { is: 'incompatible', lacks: features ?? text };
  }
}

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
