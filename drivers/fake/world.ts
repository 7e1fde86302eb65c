/** The state of the fake data centre: hosts, guests, files, bindings, in memory, and a snapshot to compare. */
import { defined } from '../../model/defined.js';
import type { DeviceIds } from '../../model/device.js';
import { CodedError } from '../../model/errors.js';
import type { HostName, VmUuid } from '../../model/ids.js';
import type { TransferProgress } from '../../model/progress.js';
import type { BindingState, Port } from '../../model/network.js';
import type { Confidential } from '../../model/confidential.js';
import type { Allotments, Busy } from '../interfaces/hypervisor/facts.js';
import type { MigrationMark } from '../interfaces/hypervisor/marks.js';
import type { LifecycleEvent } from '../interfaces/hypervisor/power.js';
import type { LoopDevice } from '../interfaces/storage.js';
import type { Equipment, Surroundings } from '../interfaces/surroundings.js';
import type { StateReason } from '../../model/side.js';
import type { GuestState } from '../../model/vm.js';
import { isActive } from '../../model/vm.js';
import type { Host } from '../../model/host.js';
import type { HostFacts } from '../../model/host-facts.js';

/** Of every disk. */
export const CAPACITY = 64 * 1024 * 1024;

/** A domain on a fake host. */
export interface FakeGuest {
  name: string;
  state: GuestState;
  /** Why it is paused, if a migration did it. */
  reason?: StateReason;
  /** Who works on it. */
  mark?: MigrationMark | undefined;
  /** The same in its definition: all that is left of a mark when the guest ends. */
  definedMark?: MigrationMark | undefined;
  /** The figures of the last transfer that took it away from here. */
  lastJob?: TransferProgress;
  isPersistent: boolean;
  isAutostart: boolean;
  /** What runs, or will run next. */
  xml: string;
  /** What is defined: it may differ from what runs. */
  definition: string;
  hasManagedSave?: boolean;
  snapshots?: readonly FakeSnapshot[];
  checkpoints?: readonly string[];
  jobs?: readonly Busy[];
}

/** What libvirt knows of a snapshot; its content is in the disks. */
export interface FakeSnapshot {
  readonly name: string;
  readonly isExternal: boolean;
  readonly isCurrent: boolean;
  /** The images of its disks. */
  readonly files?: readonly string[];
}

/** A file or a folder. A disk's content may name what lies below it (`over:PATH`) and what it holds (`snapshot:NAME`). */
export interface FakeFile {
  /** Another file under the same name has another one. */
  readonly inode?: number;
  readonly content: string;
  readonly isFolder: boolean;
  /** `user:group:mode`. */
  readonly owned?: string;
  /** ACLs, attributes and flags, as `FileFacts` has them. */
  readonly extras?: readonly string[];
  /** It is a symbolic link, and this is where it leads. */
  readonly linkTo?: string;
}

let lastInode = 0;
/** Of a file that is made now. */
export const newInode = (): number => ++lastInode;

let lastMoment = 0;
/** Moments, counted. */
export const nextMoment = (): number => ++lastMoment;

const firstSeen = new Map<string, number>();
/** When a content was written: another content is what makes it another time. */
export function momentOf(content: string): string {
  const moment = firstSeen.get(content) ?? nextMoment();
  firstSeen.set(content, moment);
  return String(moment);
}

/** A secret; the value is in base64, and missing until it is set. */
export interface FakeSecret {
  readonly xml: string;
  readonly value?: string;
}

/** A storage pool of files; `listed` are those that libvirt has seen at its last look. */
export interface FakePool {
  readonly folder: string;
  isActive: boolean;
  listed: ReadonlySet<string>;
}

/** One fake host. */
export interface FakeHost {
  readonly record: Host;
  facts: HostFacts;
  readonly guests: Map<VmUuid, FakeGuest>;
  readonly files: Map<string, FakeFile>;
  readonly marks: Map<string, Set<string>>;
  /** Which file a mark is for, once it has its name. */
  readonly signed: Map<string, number | undefined>;
  /** Definitions that were rendered for this host, by migration and name. */
  readonly rendered: Map<string, Confidential>;
  readonly bindings: Map<string, { port: Port; state: BindingState }>;
  readonly volumes: Set<string>;
  /** Who is told when a guest begins to run here, or stands still to leave. */
  readonly listeners: Set<(uuid: VmUuid, event: LifecycleEvent) => void>;
  /** What its hypervisor does not give to guests. */
  readonly lacksCpuFeatures: Set<string>;
  /** What it gives, if its libvirt says that. */
  givenCpu: string | undefined;
  freeBytes: number;
  /** When a guest was last started or ended here, by its name, in all of libvirt's logs; one that was lost has no entry. */
  readonly logs: Map<string, number>;
  /** File systems by their mount points. */
  readonly mounts: Map<string, string>;
  /** libvirt's storage pools, by name. */
  readonly pools: Map<string, FakePool>;
  loops?: readonly LoopDevice[];
  /** Block devices, by path. */
  readonly devices: Map<string, FakeDevice>;
  hasSwtpm: boolean;
  surroundings: Surroundings;
  /** Commands and folders that it lacks are left out of what it is asked for. */
  readonly lacks: Set<string>;
  equipment: Omit<Equipment, 'commands' | 'folders' | 'clockMs'>;
  /** How far its clock is ahead. */
  clockAheadMs: number;
  /** Behind its firewall. */
  readonly droppedPorts: Set<number>;
  /** Open vSwitch's bridges. */
  readonly switches: Set<string>;
  /** libvirt's network filters. */
  readonly nwfilters: Set<string>;
  /** What its kernel shares out. */
  allotments: Allotments;
  /** libvirt's secrets, by UUID. */
  readonly secrets: Map<string, FakeSecret>;
}

/** A block device; two hosts that see the same one have the same object. */
export interface FakeDevice {
  readonly ids: DeviceIds;
  readonly users: string[];
  /** Nothing but zeroes if it is empty. */
  content: string;
  readonly sizeBytes?: number;
  /** Whose it is while a move writes into it. */
  taken?:
    | {
        readonly owner: string;
        readonly disk: string;
        readonly state: 'empty' | 'writing' | 'arrived' | 'last';
      }
    | undefined;
}

/** A transfer that runs. */
export interface FakeJob {
  readonly source: HostName;
  readonly target: HostName;
  progress: TransferProgress;
  abort(): void;
  /** Ends it well. */
  finish(): void;
}

/** The whole fake data centre. */
export interface FakeWorld {
  readonly hosts: Map<HostName, FakeHost>;
  /** Folders that every host sees, with their files. */
  readonly sharedFolders: readonly string[];
  readonly sharedFiles: Map<string, FakeFile>;
  readonly imageStore: Map<string, string>;
  /** Where volumes are served. */
  readonly portals: readonly string[];
  /** Who has volumes of Ceph's open besides the guests that drover knows. */
  readonly watchers: Set<string>;
  readonly jobs: Map<VmUuid, FakeJob>;
  /**
   * What happens to a transfer: it ends well, fails with the guest on the source, runs until it is aborted, ends with a
   * paused copy that libvirt did not end on the source, breaks when each host has a part of the memory, or ends with the
   * guest on neither host.
   */
  transfer:
    | 'succeeds'
    | 'fails'
    | 'runs'
    | 'leaves a paused copy'
    | 'breaks in post-copy'
    | 'loses the guest';
  /** No host reaches another one. */
  isLinkCut: boolean;
  /** Guests that were ever seen running on two hosts at once: must stay empty. */
  readonly splitBrains: string[];
}

/** The host of that name; a test that names another has a fault. */
export function hostOf(world: FakeWorld, name: HostName): FakeHost {
  const host = world.hosts.get(name);
  if (!host) throw new Error(`the fake data centre has no host ${name}`);
  return host;
}

/** The file map that a path belongs to: the shared one where it is mounted, or the host's own. */
export const filesOf = (world: FakeWorld, host: FakeHost, path: string): Map<string, FakeFile> =>
  world.sharedFolders.some(
    (folder) => host.mounts.has(folder) && (path === folder || path.startsWith(`${folder}/`)),
  )
    ? world.sharedFiles
    : host.files;

/** Called after every change: a guest that may write on two hosts is the one thing that must never be. */
export function checkInvariants(world: FakeWorld): void {
  const running = new Map<VmUuid, string[]>();
  for (const [name, host] of world.hosts) {
    for (const [uuid, guest] of host.guests) {
      // What libvirt itself has paused stays so.
      const isHeld =
        guest.reason === 'migration' ||
        (guest.state === 'paused' && guest.reason === 'postcopyFailed');
      const canWrite = isActive(guest.state) && !isHeld;
      if (canWrite) running.set(uuid, [...(running.get(uuid) ?? []), name]);
    }
  }
  for (const [uuid, hosts] of running)
    if (hosts.length > 1) world.splitBrains.push(`${uuid} on ${hosts.join(' and ')}`);
}

/** The world as plain data, for "equals what it was". */
export const snapshot = (world: FakeWorld): unknown => ({
  shared: sorted(world.sharedFiles).map(withoutInode),
  jobs: [...world.jobs.keys()],
  hosts: [...world.hosts].map(([name, host]) => ({
    name,
    guests: sorted(host.guests).map(([uuid, guest]) => [uuid, belongingsOf(guest)]),
    rendered: [...host.rendered.keys()],
    files: sorted(host.files).map(withoutInode),
    marks: sorted(host.marks).map(([path, owners]) => [path, [...owners]]),
    bindings: sorted(host.bindings),
    volumes: [...host.volumes].sort(),
    devices: sorted(host.devices).map(([path, { content, taken }]) => [path, content, taken]),
    secrets: sorted(host.secrets),
  })),
});

/** A file by its path, without what is counted in the order in which files come. */
export const withoutInode = ([path, { inode: _inode, ...file }]: [string, FakeFile]) => [
  path,
  file,
];

/** What a guest has besides its disks. A port's tap is each host's own name for it. */
const belongingsOf = (guest: FakeGuest): object => ({
  state: guest.state,
  isPersistent: guest.isPersistent,
  isAutostart: guest.isAutostart,
  secrets: guest.isPersistent ? (guest.definition.match(/passwd=["'][^"']*/g) ?? []) : [],
  snapshots: guest.snapshots ?? [],
  ...defined({
    checkpoints: guest.checkpoints,
    hasManagedSave: guest.hasManagedSave ? true : undefined,
    mark: guest.mark,
  }),
});

const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].sort(([a], [b]) => a.localeCompare(b));

/** No file system takes a longer name, in bytes. @throws COMMAND_FAILED */
export function requireRoomFor(path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (Buffer.byteLength(name) > 255)
    throw new CodedError('COMMAND_FAILED', `${path}: File name too long`);
}
