/** Reads a domain from a host as drover's record of a VM. Whatever libvirt lists can be recorded; what cannot be moved says why. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import { parseDomain, type DomainFacts } from '../../guest/xml/domain.js';
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import { HostPath } from '../../model/ids.js';
import { objection, type Move } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';
import { isActive, type Vm } from '../../model/vm.js';
import { memoryFilesOf } from '../storage/kept.js';
import { seenIn } from './seen.js';
import { poolsNamedIn, withPools } from './pools.js';
import { objectionsToKept, objectionsToState } from './objections.js';
import { differencesOf } from './differences.js';
import { withFilesAsFiles, withoutMissing } from './files.js';

/** The VM and its XML, live if it runs, else as it is defined. */
export const readVm = async (
  drivers: HostDrivers,
  guest: GuestOnHost,
): Promise<{ vm: Vm; xml: string }> => {
  const { vm, xml } = await readAs(drivers, guest, isActive(guest.state) ? 'live' : 'inactive');
  return { vm, xml };
};

/** As a move needs it: live the running guest, cold what its next start will use. */
export const readForMove = async (
  drivers: HostDrivers,
  guest: GuestOnHost,
  move: Move,
): Promise<Vm> => {
  const { vm, seen } = await readAs(drivers, guest, move === 'live' ? 'live' : 'inactive');
  return { ...vm, seen };
};

async function readAs(
  drivers: HostDrivers,
  guest: GuestOnHost,
  view: 'live' | 'inactive',
): Promise<{ vm: Vm; xml: string; seen: string[] }> {
  const { host, hypervisor } = drivers;
  const { uuid, name, state, isPersistent } = guest;
  const [kept, isAutostart, live, inactive] = await Promise.all([
    hypervisor.kept(uuid),
    isPersistent ? hypervisor.isAutostart(uuid) : false,
    isActive(state) ? hypervisor.xml(uuid, 'live') : undefined,
    isPersistent ? hypervisor.xml(uuid, 'inactive') : undefined,
  ]);
  const xml = (view === 'live' ? (live ?? inactive) : (inactive ?? live)) ?? '';
  const beside = { host: host.name, state, isAutostart };
  try {
    const pools = await poolsNamedIn(hypervisor, [live, inactive]);
    const [running, defined] = [live, inactive].map((text) =>
      text === undefined ? undefined : parseDomain(text, pools),
    );
    const named = await withFilesAsFiles(drivers, read(view, running, defined));
    const facts = await withoutMissing(drivers, named);
    const objections = [
      ...objectionsToState(guest),
      ...facts.objections,
      ...objectionsToKept(name, kept, isActive(state)),
    ];
    const vm = { ...facts, objections, snapshotFiles: memoryFilesOf(kept), ...beside };
    return { vm, xml, seen: seenIn(present([running, defined])) };
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'BAD_ANSWER') throw error;
    return { vm: { ...(await unreadable(drivers, guest, error)), ...beside }, xml, seen: [] };
  }
}

/** One view, with what the other one has and it has not. @throws BAD_ANSWER if there is neither */
function read(
  view: 'live' | 'inactive',
  running: DomainFacts | undefined,
  defined: DomainFacts | undefined,
): DomainFacts {
  const facts = (view === 'live' ? (running ?? defined) : (defined ?? running)) ?? parseDomain('');
  if (running === undefined || defined === undefined) return facts;
  const { objections, remarks } = differencesOf(running, defined);
  const known = withPools(withTaps(facts, running), defined);
  return { ...known, objections: [...facts.objections, ...objections], remarks };
}

/** A definition does not say which taps the running guest has. */
const withTaps = (facts: DomainFacts, live: DomainFacts): DomainFacts => ({
  ...facts,
  ports: facts.ports.map((port) => ({
    ...port,
    tap: live.ports.find(({ mac }) => mac === port.mac)?.tap ?? port.tap,
  })),
});

/** It counts for what its host has left, and does not move. */
async function unreadable(
  { hypervisor }: HostDrivers,
  { uuid, name }: GuestOnHost,
  { message }: CodedError,
): Promise<DomainFacts> {
  return {
    ...(await hypervisor.size(uuid)),
    uuid,
    name,
    project: 'default',
    arch: '',
    machine: '',
    virtType: '',
    cpuXml: '',
    needs: [],
    parts: [],
    snapshotFiles: [],
    disks: [],
    ports: [],
    remarks: [],
    emulator: HostPath.parse('/usr/bin/qemu-system-x86_64'),
    objections: [
      objection(
        'the guest',
        `cannot be read (${message})`,
        `see virsh dumpxml ${shellWord(name)} on its host`,
      ),
    ],
  };
}
