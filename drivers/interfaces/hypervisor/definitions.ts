/** What a host keeps for its guests: definitions, snapshots, autostart. */
import type { TrialVerdict } from './trial.js';
import type { Confidential } from '../../../model/confidential.js';
import type { VmUuid } from '../../../model/ids.js';

/** Which view of the XML: as it runs, or as it is defined; both without secrets. */
export type XmlView = 'live' | 'inactive';

/** A domain's XML with its secrets: as it can be sent, or as it is defined. */
export type SecretView = 'migratable' | 'definition';

/** What libvirt keeps for a domain beside its definition. */
export interface Kept {
  /** Its memory, saved by virsh managedsave. */
  readonly hasManagedSave: boolean;
  readonly snapshots: readonly KeptSnapshot[];
  readonly checkpoints: readonly string[];
}

/** A snapshot by what it is made of. */
export interface KeptSnapshot {
  readonly name: string;
  /** Its content is in files of its own, and not in the disks' images alone. */
  readonly isExternal: boolean;
  /** The images that it began. */
  readonly diskFiles?: readonly string[];
  /** Where its memory is, if it has one in a file. */
  readonly memoryFile?: string;
}

/** A snapshot's metadata; its content is in the disks. */
export interface Snapshot {
  readonly name: string;
  readonly xml: Confidential;
  readonly isCurrent: boolean;
}

/** A checkpoint's metadata; its bitmaps are in the disks. */
export type Checkpoint = Pick<Snapshot, 'name' | 'xml'>;

/**
 * What goes together with a definition. What is there and is not named makes the call fail, so that nothing is lost unseen;
 * firmware variables always stay, and so does a TPM's state unless it is named.
 */
export type Attached = 'managed save' | 'snapshots' | 'checkpoints' | 'TPM state';

/** Definitions, and what belongs to them. Every verb that changes something may be called again after it happened. */
export interface Definitions {
  xml(uuid: VmUuid, view: XmlView): Promise<string>;
  /** With console passwords: for a host, and never to be stored. */
  secretXml(uuid: VmUuid, view: SecretView): Promise<Confidential>;
  kept(uuid: VmUuid): Promise<Kept>;
  /** Each after its parent. */
  snapshots(uuid: VmUuid): Promise<readonly Snapshot[]>;
  /** Makes snapshots known whose content is in the disks already; known ones are fine. */
  defineSnapshots(uuid: VmUuid, snapshots: readonly Snapshot[]): Promise<void>;
  /** Each after its parent. */
  checkpoints(uuid: VmUuid): Promise<readonly Checkpoint[]>;
  /** Makes checkpoints known whose bitmaps are in the disks already; known ones are fine. */
  defineCheckpoints(uuid: VmUuid, checkpoints: readonly Checkpoint[]): Promise<void>;
  isAutostart(uuid: VmUuid): Promise<boolean>;
  setAutostart(uuid: VmUuid, isOn: boolean): Promise<void>;
  define(xml: Confidential): Promise<void>;
  /** Has libvirt look again what is in a storage pool: a guest starts only from volumes that it knows. One that is off, or unknown, is fine. */
  refreshPool(name: string): Promise<void>;
  /**
   * All that speaks against defining and starting this here, in libvirt's words; nothing if nothing does. Nothing is left of the
   * trial, which has a name and a UUID of its own.
   */
  tryOut(xml: Confidential): Promise<readonly TrialVerdict[]>;
  /** Removes what a trial of this guest's definition has left, if it was ended on its way; nothing is fine. */
  forgetTrial(of: VmUuid): Promise<void>;
  /** Changes a definition where it is, with its secrets. */
  redefine(uuid: VmUuid, change: (xml: string) => string): Promise<void>;
  /** Removes the definition of a domain that is not active, with what is named; absent is fine. @throws LIBVIRT_FAILED */
  undefine(uuid: VmUuid, removing: readonly Attached[]): Promise<void>;
}
