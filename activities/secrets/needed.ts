/** The secrets that a guest's disks name. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { SecretRef } from '../../model/secret.js';
import type { Vm } from '../../model/vm.js';

/** Each once. */
export function secretsOf({ needs }: Pick<Vm, 'needs'>): SecretRef[] {
  const all = needs.flatMap(({ need }) => (need.kind === 'secret' ? [need.secret] : []));
  return [...new Map(all.map((ref) => [JSON.stringify(ref), ref])).values()];
}

/** Those that a host has not got. In turn, as all that is asked of libvirt. */
export async function secretsLacking(
  vm: Pick<Vm, 'needs'>,
  { hypervisor }: Pick<HostDrivers, 'hypervisor'>,
): Promise<SecretRef[]> {
  const lacking: SecretRef[] = [];
  for (const ref of secretsOf(vm)) if (!(await hypervisor.secret(ref))) lacking.push(ref);
  return lacking;
}
