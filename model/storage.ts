/** Disks of a VM and how a migration treats each. */
import { z } from 'zod';
import { HostPath } from './ids.js';

/** A file on the host, or a volume that QEMU reaches over the network. */
export const DiskSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: HostPath }),
  z.object({ kind: z.literal('block'), path: HostPath }),
  z.object({
    kind: z.literal('network'),
    protocol: z.string().regex(/^[a-z]{2,10}$/),
    name: z.string().regex(/^[A-Za-z0-9:._/-]{1,255}$/),
    hosts: z.array(z.object({ name: z.string().regex(/^[A-Za-z0-9:.-]{1,255}$/), port: z.int() })),
  }),
]);
export type DiskSource = z.infer<typeof DiskSource>;

/** One disk as the domain's XML states it. */
export const Disk = z.object({
  /** The guest-side name, for example `vda`; libvirt's `migrate_disks` uses it. */
  device: z.string().regex(/^[a-z]{2,4}[a-z]{0,2}$/),
  source: DiskSource,
  format: z.enum(['raw', 'qcow2']),
  isReadOnly: z.boolean(),
});
export type Disk = z.infer<typeof Disk>;

/** A backing file below a copy-on-write disk. */
export const BackingFile = z.object({
  path: HostPath,
  format: z.enum(['raw', 'qcow2']),
  sizeBytes: z.number().int().nonnegative(),
});
export type BackingFile = z.infer<typeof BackingFile>;

/** What `qemu-img` knows of a disk. Sizes in bytes. */
export const DiskInspection = z.object({
  capacityBytes: z.number().int().nonnegative(),
  allocatedBytes: z.number().int().nonnegative(),
  /** Nearest first. */
  backing: z.array(BackingFile),
});
export type DiskInspection = z.infer<typeof DiskInspection>;

/**
 * How one disk travels: `shared` and `volume` stay where they are (K2), `copy` travels with the guest
 * (K3), `static` is read-only and copied before the start.
 */
export const DiskPlan = Disk.extend({
  handling: z.enum(['shared', 'volume', 'copy', 'static']),
  reason: z.string(),
  inspection: DiskInspection,
});
export type DiskPlan = z.infer<typeof DiskPlan>;

/** Bytes that a copied disk needs on the target at the most. */
export const bytesToCopy = (disks: readonly DiskPlan[]): number =>
  disks
    .filter((disk) => disk.handling === 'copy' || disk.handling === 'static')
    .reduce((sum, disk) => sum + disk.inspection.capacityBytes, 0);
