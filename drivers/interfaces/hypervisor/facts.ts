/** What a host and its guests are and do now. Nothing is changed. */
import type { HostFacts, HostNetwork, CpuComparison } from '../../../model/host-facts.js';
import type { HostPath, VmName, VmUuid } from '../../../model/ids.js';
import type { StateReason } from '../../../model/side.js';
import type { GuestState } from '../../../model/vm.js';

/** A domain as a host lists it. */
export interface GuestOnHost {
  readonly uuid: VmUuid;
  readonly name: VmName;
  readonly state: GuestState;
  readonly reason: StateReason;
  readonly isPersistent: boolean;
}

/** A storage pool with a folder: its volumes are what is in it. */
export interface Pool {
  readonly name: string;
  readonly folder: string;
  /** Its volumes are files, and not devices. */
  readonly isOfFiles: boolean;
  readonly isActive: boolean;
}

/** A job that a guest is busy with: of one disk, or of the whole domain. */
export interface Busy {
  readonly kind: string;
  readonly device?: string;
}

/** Shares of a host that its kernel can give to vCPUs (resctrl), as `<capabilities>` tells them; none without it. */
export interface Allotments {
  /** Banks of a cache that can be shared out: whole steps, at least so much. */
  readonly cache: readonly {
    readonly id: number;
    readonly level: number;
    /** `both`, or `code` and `data` apart. */
    readonly type: string;
    readonly sizeBytes: number;
    readonly stepBytes: number;
    readonly leastBytes: number;
  }[];
  /** Nodes whose memory bandwidth can be shared out. */
  readonly bandwidth: readonly {
    readonly id: number;
    readonly step: number;
    readonly least: number;
  }[];
  /** What it can measure. */
  readonly monitors: readonly ('cache' | 'bandwidth')[];
}

/** Which of a host's hypervisors is asked what it can give a guest. */
export interface GuestShape {
  readonly emulator: HostPath;
  readonly arch: string;
  readonly machine: string;
  readonly virtType: string;
}

/** Whether a host's libvirt reaches another one's as it will for a live move; `untried` where it has nothing to try it with. */
export type Reach =
  { readonly is: 'reached' | 'untried' } | { readonly is: 'refused'; readonly why: string };

/** Questions that change nothing. */
export interface Facts {
  facts(): Promise<Omit<HostFacts, 'bridges' | 'networks'>>;
  /** libvirt's own networks. */
  networks(): Promise<HostNetwork[]>;
  /** Storage pools that are folders. */
  pools(): Promise<Pool[]>;
  /** The names of libvirt's network filters. */
  nwfilters(): Promise<string[]>;
  allotments(): Promise<Allotments>;
  /** True if the host can give guests a TPM of the kind that has its state in files. */
  canEmulateTpm(vm: GuestShape): Promise<boolean>;
  compareCpu(vm: GuestShape & { readonly cpuXml: string }): Promise<CpuComparison>;
  /** All that a guest with this host's CPU has, as a `<cpu>` element that any host can compare; `undefined` if libvirt does not say. */
  givenCpu(vm: GuestShape): Promise<string | undefined>;
  /** Logs in at another host's libvirt by its URI. */
  reach(libvirtUri: string): Promise<Reach>;
  guests(): Promise<GuestOnHost[]>;
  /** `undefined` if the host does not know the domain at all. */
  find(uuid: VmUuid): Promise<GuestOnHost | undefined>;
  /**
   * When a guest of that name was last started or ended here, by what libvirt's logs say of it, in seconds since 1970, with those that
   * were rotated. Nothing if none says so: that proves nothing, since a log may be moved away or emptied.
   */
  lastRun(name: string): Promise<number | undefined>;
  /** Memory in bytes and vCPUs, also of a domain whose XML cannot be read. */
  size(uuid: VmUuid): Promise<{ memoryBytes: number; vcpus: number }>;
  /** What the guest is busy with now; off is fine. */
  busy(uuid: VmUuid, devices: readonly string[]): Promise<Busy[]>;
  /** Bytes dirtied per second, measured for `seconds`. */
  dirtyRate(uuid: VmUuid, seconds: number): Promise<number | undefined>;
}
