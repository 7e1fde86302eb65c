/** What a guest's definition needs of the target, asked of it before anything is touched: no guest is powered off for what is missing. */
import { present } from '../../model/defined.js';
import type { Surroundings } from '../../drivers/interfaces/surroundings.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { Need, NeedOf } from '../../model/need.js';
import type { HostNetwork } from '../../model/host.js';
import { versionText } from '../host/facts.js';
import { addressLike } from '../host/console-address.js';
import { readDomains, type DomainUses } from '../host/read-uses.js';
import type { Question } from './objections.js';

/** What the hosts say. */
interface Seen {
  readonly question: Question;
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly here: Surroundings;
  readonly there: Surroundings;
  readonly nwfilters: readonly string[];
  readonly networks: readonly HostNetwork[];
  /** What the target's other guests name. */
  readonly others: readonly Pick<DomainUses, 'by' | 'cids' | 'macs'>[];
  /** As libvirt writes it: 7002000 is 7.2.0. */
  readonly qemuVersion: number;
}

/** Every need that the target does not meet, in words. */
export async function needObjections(question: Question): Promise<string[]> {
  const { vm, move } = question;
  const needs = vm.needs.filter(({ moves }) => moves.includes(move));
  if (needs.length === 0) return [];
  const seen = await lookFor(question, needs);
  return [...new Set(needs.flatMap((one) => objectionTo(one, seen)))];
}

/** Only what is needed is asked for. */
async function lookFor(question: Question, needs: readonly NeedOf[]): Promise<Seen> {
  const { source, target, route } = question;
  const has = (...kinds: readonly Need['kind'][]) =>
    needs.some(({ need }) => kinds.includes(need.kind));
  const paths = needs.flatMap(({ need }) =>
    need.kind === 'path' ? [need.path, inOf(need.path)] : [],
  );
  const [found, here, there, nwfilters, networks, others, qemuVersion] = await Promise.all([
    paths.length > 0 ? target.storage.files.look([...new Set(paths)]) : [],
    has('listen') ? source.surroundings.look() : NOTHING,
    has('listen', 'port', 'server', 'hugepages') ? target.surroundings.look() : NOTHING,
    has('nwfilter') ? target.hypervisor.nwfilters() : [],
    has('network') ? target.hypervisor.networks() : [],
    has('vsock', 'mac') ? readDomains(target, route.uuid) : [],
    has('threaded-copy') ? qemuOf(target) : 0,
  ]);
  const files = new Map(found.map((one) => [one.path, one]));
  return { question, files, here, there, nwfilters, networks, others, qemuVersion };
}

const qemuOf = async ({ hypervisor }: HostDrivers) => (await hypervisor.facts()).qemuVersion;

/** QEMU opens `PATH.in` and `PATH.out` where there are such. */
const inOf = (path: string): string => `${path}.in`;

const NOTHING: Surroundings = {
  addresses: [],
  listening: [],
  hugePages: [],
  defaultHugePageKib: 0,
};

const objectionTo = ({ about, need }: NeedOf, seen: Seen): string[] => {
  const lack = LACKS[need.kind] as (of: Need, name: string, by: Seen) => string | undefined;
  return present([lack(need, about, seen)]);
};

/** What is said of a need that the target does not meet. */
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
  hugepages: ({ sizeKib, isForSome = false }, _about, seen) =>
    lacksPages(sizeKib ?? seen.there.defaultHugePageKib, isForSome, seen),
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

/** SCSI disks are called sda, sdb, ... */
const isCopiedScsi = ({ device, handling }: Question['disks'][number]): boolean =>
  handling === 'copy' && device.startsWith('sd');

function isThere(
  wanted: Extract<Need, { kind: 'path' }>['is'],
  found: FileFacts | undefined,
  foundIn: FileFacts | undefined,
): boolean {
  const kind = found?.kind ?? 'absent';
  // Where it is in the way, that is an objection of its own (files-there.ts).
  if (wanted === 'new file') return true;
  if (wanted === 'fifo') return [kind, foundIn?.kind].includes('other');
  if (wanted === 'device') return kind === 'block' || kind === 'other';
  if (wanted === 'folder') return kind === 'folder';
  return wanted === 'anything' ? kind !== 'absent' : kind === 'file';
}

function lacksPages(
  sizeKib: number,
  isForSome: boolean,
  { question: { vm }, there }: Seen,
): string | undefined {
  const free = there.hugePages.find((pages) => pages.sizeKib === sizeKib)?.free ?? 0;
  const all = sizeKib > 0 ? Math.ceil(vm.memoryBytes / 1024 / sizeKib) : Infinity;
  const wanted = isForSome ? 1 : all;
  return free >= wanted
    ? undefined
    : `it has ${free} free huge pages of ${sizeKib} KiB, the guest needs ${wanted}: sysctl vm.nr_hugepages`;
}
