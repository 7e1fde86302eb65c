/** What starting a guest needs of its host, as the guest's definition says it. */
import { z } from 'zod';
import { Move } from './objection.js';
import { SecretRef } from './secret.js';

/** One thing that the target must have. */
export const Need = z.discriminatedUnion('kind', [
  /**
   * `folder`: the folder of a file that QEMU or libvirt makes itself. `same file`: the guest reads it, so it has to be the source's.
   * `new file`: the start empties or replaces it, so nothing of anybody's may be there. `appended file`: the start adds to it, so it is the guest's or
   * nobody's. `fifo`: that, or one in and one out.
   * `place` and `template`: what is written, and what is read for it, where it need not be there: only where the path leads counts.
   */
  z.object({
    kind: z.literal('path'),
    is: z.enum([
      'file',
      'same file',
      'new file',
      'appended file',
      'folder',
      'device',
      'fifo',
      'anything',
      'place',
      'template',
    ]),
    path: z.string(),
  }),
  z.object({ kind: z.literal('nwfilter'), name: z.string() }),
  z.object({ kind: z.literal('network'), name: z.string() }),
  /** A secret of libvirt's, with a value. */
  z.object({ kind: z.literal('secret'), secret: SecretRef }),
  /** Free huge pages of one size: for all of the guest's memory, for some of it, or so many. Without a size it is the host's default. */
  z.object({
    kind: z.literal('hugepages'),
    sizeKib: z.number().int().positive().optional(),
    isForSome: z.boolean().optional(),
    pages: z.number().int().positive().optional(),
  }),
  /** A share of a cache (resctrl), of that size; `type` is libvirt's: both, code, data. */
  z.object({
    kind: z.literal('cache'),
    id: z.number(),
    level: z.number(),
    type: z.string(),
    sizeBytes: z.number(),
  }),
  /** A share of a node's memory bandwidth (resctrl), in percent or MB/s as the host counts. */
  z.object({ kind: z.literal('bandwidth'), id: z.number(), share: z.number() }),
  /** A host that measures what a guest's vCPUs use of it (resctrl). */
  z.object({ kind: z.literal('monitor'), of: z.enum(['cache', 'bandwidth']) }),
  /** A TCP port that nobody else listens on. */
  z.object({ kind: z.literal('port'), port: z.number().int().positive() }),
  /** A TCP port of the host itself, on which somebody listens already. */
  z.object({ kind: z.literal('server'), port: z.number().int().positive() }),
  /** The target's address for one of the source's on which a console listens. */
  z.object({ kind: z.literal('listen'), address: z.string() }),
  /** An address that no other guest has. */
  z.object({ kind: z.literal('mac'), mac: z.string() }),
  /** An Open vSwitch bridge of that name. */
  z.object({ kind: z.literal('switch'), name: z.string() }),
  /** A context id of vsock that no other guest has. */
  z.object({ kind: z.literal('vsock'), cid: z.number().int().positive() }),
  /** A network device that takes a macvtap of that address and mode (libvirt's names: vepa, bridge, private, passthrough). */
  z.object({ kind: z.literal('macvtap'), device: z.string(), mode: z.string(), mac: z.string() }),
  /** A QEMU that survives a disk being copied into it behind a virtio-scsi controller with an I/O thread. */
  z.object({ kind: z.literal('threaded-copy') }),
]);
export type Need = z.infer<typeof Need>;

/** Whose need it is: `serial 0`, `os/loader`; and for which kinds of move. */
export const NeedOf = z.object({ about: z.string(), need: Need, moves: z.array(Move) });
export type NeedOf = z.infer<typeof NeedOf>;

/** The secrets that a guest's disks name, each once. */
export function secretsOf({ needs }: { readonly needs: readonly NeedOf[] }): SecretRef[] {
  const all = needs.flatMap(({ need }) => (need.kind === 'secret' ? [need.secret] : []));
  return [...new Map(all.map((ref) => [JSON.stringify(ref), ref])).values()];
}
