/** A VM as the inventory records it. */
import { z } from 'zod';
import { HostName, HostPath, VmName, VmUuid } from './ids.js';
import { NeedOf } from './need.js';
import { Port } from './network.js';
import { Move, Objection } from './objection.js';
import { Disk } from './storage.js';

/** States of a guest; libvirt's virDomainState in words. */
export const GuestState = z.enum([
  'nostate',
  'running',
  'blocked',
  'paused',
  'shutdown',
  'shutoff',
  'crashed',
  'pmsuspended',
]);
export type GuestState = z.infer<typeof GuestState>;

/** States in which the guest's memory lives on the host: it may write to its disks now or after a resume. */
export const isActive = (state: GuestState): boolean =>
  state !== 'shutoff' && state !== 'nostate' && state !== 'crashed';

/** What a guest is brought back to after a cold migration. */
export const PowerState = z.enum(['running', 'paused', 'off']);
export type PowerState = z.infer<typeof PowerState>;

/** The power state of a guest. */
export const powerOf = (state: GuestState): PowerState =>
  !isActive(state) ? 'off' : state === 'paused' ? 'paused' : 'running';

/** What becomes of one part of a guest; empty where that kind of move does not concern it. */
export const PartOfGuest = z.object({ part: z.string(), live: z.string(), cold: z.string() });
export type PartOfGuest = z.infer<typeof PartOfGuest>;

/** Everything that the checks of a target need of a VM. */
export const Vm = z.object({
  uuid: VmUuid,
  name: VmName,
  project: z.string(),
  host: HostName,
  state: GuestState,
  memoryBytes: z.number().int().positive(),
  vcpus: z.number().int().positive(),
  arch: z.string(),
  machine: z.string(),
  virtType: z.string(),
  emulator: HostPath,
  /** The `<cpu>` element as the guest sees it; empty if the domain has none. */
  cpuXml: z.string(),
  /** What its start needs of a host, as its definition says it. */
  needs: z.array(NeedOf).default([]),
  /** What becomes of its parts when it moves: all that do not simply travel. */
  parts: z.array(PartOfGuest).default([]),
  /** The file with a UEFI guest's variables; QEMU carries it in a live migration. */
  nvram: HostPath.optional(),
  /** An emulated TPM: the folder in which libvirt keeps its state on every host. */
  tpm: z.object({ stateFolder: HostPath }).optional(),
  /** Memory of its external snapshots, in files of their own. */
  snapshotFiles: z.array(HostPath).default([]),
  /** Objections to moving it that the guest itself shows. */
  objections: z.array(Objection).default([]),
  /** What the operator should know about it, but what does not prevent a move. */
  remarks: z.array(z.string()).default([]),
  /** Members of one anti-affinity group never share a host. */
  antiAffinity: z.string().optional(),
  isAutostart: z.boolean(),
  /** What the checks saw of its definition, by digests; a later look finds nothing else in it. */
  seen: z.array(z.string()).optional(),
  disks: z.array(Disk),
  /** Drives that are to arrive empty: their media are none of its disks. */
  ejected: z.array(z.string()).optional(),
  ports: z.array(Port),
});
export type Vm = z.infer<typeof Vm>;

/** The parts that one kind of move concerns, with what becomes of them. */
export const fatesOf = (
  { parts }: Pick<Vm, 'parts'>,
  move: Move,
): { part: string; fate: string }[] =>
  parts
    .map(({ part, ...fates }) => ({ part, fate: fates[move] }))
    .filter(({ fate }) => fate !== '');

/** How it can move, as far as the guest itself shows: accepted objections are for the one who accepts them. */
export const movesOf = ({ state, objections }: Pick<Vm, 'state' | 'objections'>): Move[] =>
  Move.options.filter(
    (move) =>
      (move === 'cold' || isActive(state)) && !objections.some(({ moves }) => moves.includes(move)),
  );

/** Folders of state beside its disks, which a cold move carries. */
export const stateOf = ({ tpm }: Pick<Vm, 'tpm'>): HostPath[] => (tpm ? [tpm.stateFolder] : []);
