/** Secrets of libvirt's: the keys of encrypted disks and the passwords of volumes. Their values are nowhere in here. */
import { z } from 'zod';

/** What a secret is for, as libvirt names it, with the number that its protocol has for it (virSecretUsageType). */
export const SECRET_USAGES = { volume: 1, ceph: 2, iscsi: 3 } as const;

/** How a definition names a secret: by UUID, or by what it is for. */
export const SecretRef = z.object({
  usage: z.enum(['volume', 'ceph', 'iscsi']),
  by: z.union([z.object({ uuid: z.string().max(36) }), z.object({ id: z.string().max(4096) })]),
});
export type SecretRef = z.infer<typeof SecretRef>;

/** As an operator knows it. */
export const secretName = ({ by }: SecretRef): string => ('uuid' in by ? by.uuid : by.id);
