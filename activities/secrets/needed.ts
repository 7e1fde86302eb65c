/** The secrets that a guest's disks name. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { secretsOf } from '../../model/need.js';
import type { SecretRef } from '../../model/secret.js';
import type { Vm } from '../../model/vm.js';

/** Those that a host has not got, or has without a value. In turn, as all that is asked of libvirt. */
export async function secretsLacking(
  vm: Pick<Vm, 'needs'>,
  { hypervisor }: Pick<HostDrivers, 'hypervisor'>,
): Promise<SecretRef[]> {
  const lacking: SecretRef[] = [];
  for (const ref of secretsOf(vm)) {
    const found = await hypervisor.secret(ref);
    if (!found || found.value === 'none') lacking.push(ref);
  }
  return lacking;
}
