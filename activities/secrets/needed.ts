/** Secrets that a guest's disks name, and a host has not got. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { SecretRef } from '../../model/secret.js';

/** Those that a host has not got, or has without a value. In turn, as all that is asked of libvirt. */
export async function secretsLacking(
  refs: readonly SecretRef[],
  { hypervisor }: Pick<HostDrivers, 'hypervisor'>,
): Promise<SecretRef[]> {
  const lacking: SecretRef[] = [];
  for (const ref of refs) {
    const found = await hypervisor.secret(ref);
    if (!found || found.value === 'none') lacking.push(ref);
  }
  return lacking;
}
