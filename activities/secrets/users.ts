/** Who else on a host needs a secret: it is removed from under nobody. */
import type { HostSecret } from '../../drivers/interfaces/hypervisor/secrets.js';
import { untoldOf, type Neighbours } from '../host/uses.js';

/** The domains that name it, as they run or as they will run; one that cannot be read may. */
export async function usersOfSecret(
  neighbours: Neighbours,
  { uuid, usage }: HostSecret,
): Promise<string[]> {
  const domains = await neighbours.domains();
  const isIt = (named: string) => named.toLowerCase() === uuid.toLowerCase() || named === usage;
  const users = domains.filter(({ secrets }) => secrets.some(isIt)).map(({ by }) => by);
  return [...users, ...untoldOf(neighbours.drivers, domains)];
}
