/** What the contract suites need besides two hosts' drivers: what is done behind drover's back. */
import type { FreePath } from '../../../drivers/interfaces/free.js';
import type { HostDrivers } from '../../../drivers/interfaces/data-centre.js';
import { HostPath, MigrationId, type VmUuid } from '../../../model/ids.js';
import type { Disk } from '../../../model/storage.js';

/** Two hosts, real or fake. Everything that a suite makes is below `folder`, or is one of its guests. */
export interface ContractSite {
  readonly near: HostDrivers;
  readonly far: HostDrivers;
  /** Both hosts have it, each its own, and it is empty. */
  readonly folder: HostPath;
  /** Puts a file of nobody's there, 0644 of root; folders above it are made. */
  write(on: HostDrivers, path: string, content: string): Promise<void>;
  /** Makes a folder, and a symbolic link to it. */
  link(on: HostDrivers, path: string, to: string): Promise<void>;
  /** Empties the folder on both hosts. */
  wipe(): Promise<void>;
  /** Ends the guest on both hosts, with all that libvirt keeps for it. */
  forget(uuid: VmUuid): Promise<void>;
  /** Of a guest of the first host: what an operator does with virsh. */
  readonly virsh: {
    /** The guest runs, and is off afterwards. */
    saveMemory(uuid: VmUuid): Promise<void>;
    snapshot(uuid: VmUuid, name: string): Promise<void>;
    /** A network filter of that name, or none any more. */
    defineFilter(name: string): Promise<void>;
    undefineFilter(name: string): Promise<void>;
    /** A secret; its value is set unless none is given. */
    defineSecret(xml: string, value?: string): Promise<void>;
    undefineSecret(uuid: string): Promise<void>;
    /** The guest runs. */
    checkpoint(uuid: VmUuid, name: string): Promise<void>;
  };
  /** Where the second host's libvirt listens, and where nobody does. */
  readonly answering: { readonly address: string; readonly port: number };
  readonly silent: { readonly address: string; readonly port: number };
  /** An address that no host has. */
  readonly nowhere: { readonly address: string; readonly port: number };
  /** A volume that both hosts reach, and one that neither does. */
  readonly volume: Disk;
  readonly lostVolume: Disk;
  close(): Promise<void>;
}

/** Opens one. */
export type OpenSite = () => Promise<ContractSite>;

/** The migrations of the suites. */
export const MINE = MigrationId.parse('00000000-0000-4000-8000-00000000c0de');
export const OTHERS = MigrationId.parse('00000000-0000-4000-8000-0000000c0de2');

/** A path in the site's folder, which is the suites' own. */
export const inside = ({ folder }: ContractSite, name: string): FreePath =>
  HostPath.parse(`${folder}/${name}`) as FreePath;

/** Whose the suites' files are. */
export const LIKE = { user: 'root', group: 'root', mode: '0640' } as const;

/** A deadline that never fires. */
export const NEVER: AbortSignal = new AbortController().signal;
