/** Whether the target's libvirt takes the definition: asked of itself, with the text that it would get. */
import type { Definitions } from '../../drivers/interfaces/hypervisor/definitions.js';
import type { TrialVerdict } from '../../drivers/interfaces/hypervisor/trial.js';
import type { Confidential } from '../../model/confidential.js';
import { objection, type Objection } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';
import { renderFor } from '../definition/rendering.js';
import { secretsOf } from '../../model/need.js';
import { secretsLacking } from '../secrets/needed.js';
import type { Question } from './objections.js';

/** Tries out the rendered definition, if nothing that is known already keeps the guest from moving. */
export async function trialObjections(question: Question): Promise<Objection[]> {
  const { route, vm, disks, target, move } = question;
  // Without the keys it cannot be translated: that is told, or they are brought first and it is tried then.
  if ((await secretsLacking(secretsOf(vm), target)).length > 0) return [];
  // A definition that the account refuses is never sent.
  if (vm.objections.some(({ moves, accept }) => moves.includes(move) && accept === undefined))
    return [];
  const { live, persistent } = await renderFor(question, {
    route,
    disks,
    ports: vm.ports,
    ejected: vm.ejected,
    isTrial: true,
  });
  // What runs first, and what is defined for good after it: an older libvirt may take the one and not the other.
  const views = move === 'live' && live ? [live, persistent] : [persistent];
  const verdicts = await verdictsOn(target.hypervisor, views);
  const wayOut = `change it (virsh edit ${shellWord(vm.name)}), or update libvirt there`;
  return verdicts.map(({ of, words }) =>
    of === 'schema'
      ? objection('the definition', `has what ${route.target} does not know (${words})`, wayOut, {
          accept: 'trial',
        })
      : objection('the definition', `cannot be started on ${route.target} (${words})`, wayOut),
  );
}

/** Of all views; one after the other, since a trial has one name. */
async function verdictsOn(
  hypervisor: Pick<Definitions, 'tryOut'>,
  views: readonly Confidential[],
): Promise<TrialVerdict[]> {
  const found = new Map<string, TrialVerdict>();
  for (const view of views)
    for (const verdict of await hypervisor.tryOut(view))
      found.set(`${verdict.of} ${verdict.words}`, verdict);
  return [...found.values()];
}
