/** Secrets that migrations have brought. */
import type { HostName } from '../../model/ids.js';
import { neighboursOn } from '../host/uses.js';
import { usersOfSecret } from '../secrets/users.js';
import type { Found, Scene, SeenHost } from './scene.js';
import { ofOwner } from './traces.js';

/** Secrets that a migration has brought, and neither kept nor taken back. */
export async function secretFindings(
  scene: Scene,
  host: HostName,
  { drivers }: SeenHost,
): Promise<Found[]> {
  const found: Found[] = [];
  const brought = await drivers.hypervisor.broughtSecrets();
  const neighbours = neighboursOn(drivers);
  for (const secret of brought) {
    const owner = secret.broughtBy;
    if (owner === undefined) continue;
    const isUsed = (await usersOfSecret(neighbours, secret)).length > 0;
    const ref = { usage: 'volume', by: { uuid: secret.uuid } } as const;
    const about = {
      kind: 'secret' as const,
      what: `the secret ${secret.uuid}: brought by a migration${isUsed ? ', and named by a domain' : ''}`,
      repair: isUsed ? 'drop the mark, keep the secret' : 'remove it',
    };
    const mend = () =>
      isUsed
        ? drivers.hypervisor.keepSecret(ref, owner)
        : drivers.hypervisor.forgetSecret(ref, owner);
    found.push(...(await ofOwner(scene, host, owner, about, mend)));
  }
  return found;
}
