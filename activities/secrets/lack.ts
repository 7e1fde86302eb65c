/** What keeps the target from opening a disk with a secret of libvirt's. */
import { Confidential } from '../../model/confidential.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import type { HostSecret } from '../../drivers/interfaces/hypervisor/secrets.js';

/** A secret as both hosts have it. */
export interface SeenSecret {
  readonly ref: SecretRef;
  readonly here: HostSecret | undefined;
  readonly there: HostSecret | undefined;
}

/** What the target lacks, in words. `isCarrying`: what it has not got at all is brought. */
export function lackOfSecret(
  { ref, here, there }: SeenSecret,
  about: string,
  { source, isCarrying }: { readonly source: string; readonly isCarrying: boolean },
): string | undefined {
  const name = `the secret ${secretName(ref)} (${about})`;
  if (there) return differs(here, there, name, source);
  if (!isCarrying)
    return `it lacks ${name}: --carry-secrets, or virsh secret-define and secret-set-value`;
  if (!here) return `${name} is not on ${source} either: virsh secret-define`;
  if (here.value === 'none')
    return `${name} has no value on ${source} either: virsh secret-set-value`;
  return here.value === 'private'
    ? `it lacks ${name}, which ${source} gives to its guests only (private): virsh secret-define and secret-set-value`
    : undefined;
}

function differs(
  here: HostSecret | undefined,
  { value }: HostSecret,
  name: string,
  source: string,
): string | undefined {
  if (value === 'none') return `${name} has no value there: virsh secret-set-value`;
  const mine = here?.value;
  if (!(mine instanceof Confidential) || !(value instanceof Confidential)) return undefined;
  return mine.reveal() === value.reveal()
    ? undefined
    : `${name} has another value there than on ${source}: the disk would not open`;
}
