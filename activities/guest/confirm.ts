/** `guest.confirm`: the point of no return of a cold migration. */
import { shellWord } from '../../model/shell-word.js';
import { confirm } from '../../workflows/steps/guest.js';
import { changedSince, definitionChanged } from '../definition/as-read.js';
import { endsOf, implement, type Deps } from '../kit/implement.js';
import { isConfirmed, type Confirmed } from './confirmation.js';

/** The pivot: asks both hosts once more. */
export const confirmActivity = implement(confirm, (deps) => ({
  async run(input) {
    await requireAsRead(deps, input);
    return isConfirmed(deps, input);
  },
}));

/** What was changed on the source since it was rendered is in no other definition. @throws DEFINITION_CHANGED */
async function requireAsRead(deps: Deps, { route, asRead }: Confirmed): Promise<void> {
  const { source } = await endsOf(deps, route);
  const changed = await changedSince(source, route, asRead);
  if (changed.length === 0) return;
  const { name, target } = route;
  throw definitionChanged(
    route,
    changed,
    `Make the change on ${target} too, if it is wanted there, then forward: the definition on ${route.source} is removed as it is now. Or take it back on ${route.source} (virsh edit ${shellWord(name)}) and retry. Or roll back: then ${name} keeps the change, and loses what it wrote to copied disks on ${target}.`,
  );
}
