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
  const verdict = await firstVerdict(target.hypervisor, views);
  if (!verdict) return [];
  const wayOut = `change it (virsh edit ${shellWord(vm.name)}), or update libvirt there`;
  return verdict.of === 'schema'
    ? [
        objection(
          'the definition',
          `has what ${route.target} does not know (${verdict.words})`,
          wayOut,
          {
            accept: 'trial',
          },
        ),
      ]
    : [
        objection(
          'the definition',
          `cannot be started on ${route.target} (${verdict.words})`,
          wayOut,
        ),
      ];
}

async function firstVerdict(
  hypervisor: Pick<Definitions, 'tryOut'>,
  views: readonly Confidential[],
): Promise<TrialVerdict | undefined> {
  for (const view of views) {
    const verdict = await hypervisor.tryOut(view);
    if (verdict) return verdict;
  }
  return undefined;
}
