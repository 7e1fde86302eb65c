/** What is said of a need that the target does not meet. */
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { TakenDevice } from '../../drivers/interfaces/surroundings.js';
import type { Need, NeedOf } from '../../model/need.js';
import { present } from '../../model/defined.js';
import { addressLike } from '../host/console-address.js';
import { versionText } from '../host/facts.js';
import { lacksBandwidth, lacksCache } from './lacks-shares.js';
import { inOf, type Seen } from './needs-seen.js';
import type { Question } from './objections.js';

/** In words, if the target lacks it. */
export const objectionTo = ({ about, need }: NeedOf, seen: Seen): string[] => {
  const lack = LACKS[need.kind] as (of: Need, name: string, by: Seen) => string | undefined;
  return present([lack(need, about, seen)]);
};

/** One kind of need. */
type Lack<K extends Need['kind']> = (
  need: Extract<Need, { kind: K }>,
  about: string,
  seen: Seen,
) => string | undefined;

const LACKS: { readonly [K in Need['kind']]: Lack<K> } = {
  path: ({ is, path }, about, { files }) =>
    isThere(is, files.get(path), files.get(inOf(path)))
      ? undefined
      : `it lacks the ${is === 'folder' || is === 'device' ? is : 'file'} ${path} (${about})`,
  nwfilter: ({ name }, about, { nwfilters }) =>
    nwfilters.includes(name)
      ? undefined
      : `it lacks the network filter ${name} (${about}): virsh nwfilter-define FILE`,
  network: ({ name }, about, { networks }) =>
    networks.some((network) => network.name === name && network.isActive)
      ? undefined
      : `network ${name} (${about}) is not active there: virsh net-start ${name}`,
  switch: ({ name }, about, { switches }) =>
    switches.includes(name)
      ? undefined
      : `it lacks the Open vSwitch bridge ${name} (${about}): ovs-vsctl add-br ${name}`,
  // Told by its own objections, some of which can be accepted (activities/secrets/objections.ts).
  secret: () => undefined,
  hugepages: (need, _about, seen) => lacksPages(need, seen),
  cache: (need, _about, { allotments }) => lacksCache(need, allotments),
  bandwidth: (need, _about, { allotments }) => lacksBandwidth(need, allotments),
  monitor: ({ of }, _about, { allotments }) =>
    allotments.monitors.includes(of)
      ? undefined
      : `it cannot watch what the guest uses of its ${of} (resctrl): take the monitor out (virsh edit)`,
  port: ({ port }, about, { there }) =>
    there.listening.includes(port)
      ? `port ${port} (${about}) is taken there: free it, or let libvirt choose one (autoport)`
      : undefined,
  server: ({ port }, about, { there }) =>
    there.listening.includes(port)
      ? undefined
      : `nobody listens there on port ${port}, to which ${about} connects: start that server`,
  listen: ({ address }, about, { here, there }) =>
    addressLike(address, here.addresses, there.addresses) === undefined
      ? `it has no address in the network of ${address}, on which ${about} listens: give it one, or let the console listen on all (virsh edit)`
      : undefined,
  mac: ({ mac }, _about, { others }) => {
    const other = others.find(({ macs }) => macs.includes(mac));
    return other && `${other.by} has the address ${mac} there: give one of them another`;
  },
  macvtap: (need, about, { there }) => busyDevice(need, about, there.taken),
  'threaded-copy': (_need, about, { question: { move, disks }, qemuVersion }) =>
    move === 'live' && qemuVersion < 8_000_000 && disks.some(isCopiedScsi)
      ? `its QEMU ${versionText(qemuVersion)} ends when a disk is copied live behind a SCSI controller with an I/O thread (${about}): move it cold, or take the thread out (virsh edit)`
      : undefined,
  vsock: ({ cid }, _about, { others }) => {
    const other = others.find(({ cids }) => cids.includes(cid));
    return (
      other &&
      `${other.by} has the vsock id ${cid} there: let libvirt choose one (virsh edit, auto='yes')`
    );
  },
};

/** The kernel gives a device's frames to one taker: a bridge or a bond, one macvtap in mode passthrough, or several in the other modes. */
function busyDevice(
  { device, mode, mac }: Extract<Need, { kind: 'macvtap' }>,
  about: string,
  taken: readonly TakenDevice[],
): string | undefined {
  const by = taken.filter((one) => one.device === device).map((one) => one.by);
  const master = by.find((one) => 'master' in one);
  if (master)
    return `${device} (${about}) is a port of ${master.master} there, which leaves nothing to a macvtap: take it out, or move the interface to a bridge`;
  const twin = by.find((one) => 'macvtap' in one && one.mac === mac);
  if (twin)
    return `a macvtap on ${device} (${about}) has the address ${mac} there already: ip -d link shows it`;
  const isWhole = ['passthrough', 'passthru'].includes(mode);
  const other = by.find((one) => 'macvtap' in one && (isWhole || one.macvtap === 'passthru'));
  return (
    other &&
    `${device} (${about}) has a macvtap there already, and mode passthrough shares with none`
  );
}

/** SCSI disks are called sda, sdb, ... */
const isCopiedScsi = ({ device, handling }: Question['disks'][number]): boolean =>
  handling === 'copy' && device.startsWith('sd');

/** Paths that only must not lead where they may not. */
const MAY_LACK: readonly Extract<Need, { kind: 'path' }>['is'][] = [
  'new file',
  'appended file',
  'place',
  'template',
];

function isThere(
  wanted: Extract<Need, { kind: 'path' }>['is'],
  found: FileFacts | undefined,
  foundIn: FileFacts | undefined,
): boolean {
  const kind = found?.kind ?? 'absent';
  // Where it is in the way, that is an objection of its own (files-there.ts).
  if (MAY_LACK.includes(wanted)) return true;
  if (wanted === 'fifo') return [kind, foundIn?.kind].includes('other');
  if (wanted === 'device') return kind === 'block' || kind === 'other';
  if (wanted === 'folder') return kind === 'folder';
  return wanted === 'anything' ? kind !== 'absent' : kind === 'file';
}

function lacksPages(
  { sizeKib: named, isForSome = false, pages }: Extract<Need, { kind: 'hugepages' }>,
  { question: { vm }, there }: Seen,
): string | undefined {
  const sizeKib = named ?? there.defaultHugePageKib;
  const free = there.hugePages.find((found) => found.sizeKib === sizeKib)?.free ?? 0;
  const all = sizeKib > 0 ? Math.ceil(vm.memoryBytes / 1024 / sizeKib) : Infinity;
  const wanted = pages ?? (isForSome ? 1 : all);
  return free >= wanted
    ? undefined
    : `it has ${free} free huge pages of ${sizeKib} KiB, the guest needs ${wanted}: sysctl vm.nr_hugepages`;
}
