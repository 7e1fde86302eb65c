/** What was seen on a host. */
import { z } from 'zod';

/** A network of libvirt's. `bridge` is missing where guests are attached in another way. */
export const HostNetwork = z.object({
  name: z.string(),
  isActive: z.boolean(),
  bridge: z.string().optional(),
  /** How it forwards: `bridge`, `nat`, `isolated`, …; missing if it was not asked. */
  mode: z.string().optional(),
  portgroups: z.array(z.string()).default([]),
});
export type HostNetwork = z.infer<typeof HostNetwork>;

/** What was seen on a host. Sizes in bytes; versions as libvirt counts them (major*1000000 + minor*1000 + release). */
export const HostFacts = z.object({
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  cpus: z.number().int(),
  /** By which libvirt tells hosts apart; missing in what was seen before 0.3. */
  hostUuid: z.string().optional(),
  arch: z.string(),
  cpuModel: z.string(),
  libvirtVersion: z.number().int(),
  qemuVersion: z.number().int(),
  machines: z.array(z.string()),
  virtTypes: z.array(z.string()),
  bridges: z.array(z.string()),
  networks: z.array(HostNetwork).default([]),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** Whether a host can give a guest its CPU; if not, what it lacks, by name. */
export type CpuComparison =
  { readonly is: 'enough' } | { readonly is: 'incompatible'; readonly lacks: string };

/** Why not, for people. */
export const cpuObjection = (cpu: CpuComparison, model: string): string | false =>
  cpu.is === 'incompatible' && `its CPU (${model}) lacks what the guest's CPU has: ${cpu.lacks}`;

/** An address of a host's, with the network that it is in. */
export interface HostAddress {
  readonly address: string;
  readonly prefixLength: number;
}
