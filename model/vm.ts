/** A VM as the inventory records it. */
import { z } from 'zod';
import { HostName, HostPath, VmName, VmUuid } from './ids.js';
import { Port } from './network.js';
import { Objection } from './objection.js';
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
  /** Kernel, initrd, firmware: files that must be on the target too. */
  bootFiles: z.array(HostPath),
  /** The file with a UEFI guest's variables; QEMU carries it in a live migration. */
  nvram: HostPath.optional(),
  /** An emulated TPM: the folder in which libvirt keeps its state on every host. */
  tpm: z.object({ stateFolder: HostPath }).optional(),
  /** Objections to moving it that the guest itself shows. */
  objections: z.array(Objection).default([]),
  /** What the operator should know about it, but what does not prevent a move. */
  remarks: z.array(z.string()).default([]),
  /** Members of one anti-affinity group never share a host. */
  antiAffinity: z.string().optional(),
  isAutostart: z.boolean(),
  disks: z.array(Disk),
  ports: z.array(Port),
});
export type Vm = z.infer<typeof Vm>;

/** Folders of state beside its disks, which a cold move carries. */
export const stateOf = ({ tpm }: Pick<Vm, 'tpm'>): HostPath[] => (tpm ? [tpm.stateFolder] : []);
