/** Who uses by now what a migration has made on its target: domains there, and of other hosts. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import { present } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { usersElsewhere, type Fleet } from '../host/elsewhere.js';
import { namesOf, usesOn } from '../host/uses.js';

/** @throws UNDO_UNVERIFIED if a domain does not tell what it uses */
export async function usedFor(
  fleet: Fleet,
  target: HostDrivers,
  route: Route,
  made: readonly HostPath[],
): Promise<ReadonlyMap<HostPath, string>> {
  if (made.length === 0) return new Map();
  const uses = await usesOn(target, route.uuid);
  const [untold] = uses.untold;
  if (untold !== undefined)
    throw new CodedError(
      'UNDO_UNVERIFIED',
      `${made.join(', ')} may be in use on ${route.target}: ${untold}`,
      { hint: 'Fix that domain, then retry.', facts: { made } },
    );
  const facts = await target.storage.files.look(made);
  const asked = { host: target, token: route.migrationId, except: route };
  const { users: others, unasked } = await usersElsewhere(fleet, asked, made);
  return new Map(
    made.flatMap((path, index) => {
      const here = namesOf(route.target, uses.of(facts[index] as FileFacts));
      const by = present([
        here === '' ? undefined : here,
        others.get(path),
        unasked.length > 0 ? `${unasked.join(', ')}, which does not answer, perhaps` : undefined,
      ]);
      return by.length > 0 ? [[path, by.join(', ')] as const] : [];
    }),
  );
}

/** What stays because of them, in words. */
export const staysFor = ({ target }: Route, usedBy: ReadonlyMap<HostPath, string>): string[] =>
  [...usedBy].map(([path, names]) => `${path} on ${target} stays: ${names} uses it by now`);
