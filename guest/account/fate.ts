/** What may become of an element of a domain's XML when the guest moves. */
import type { Element } from '@xmldom/xmldom';
import { defined } from '../../model/defined.js';
import type { Need } from '../../model/need.js';
import type { Disk } from '../../model/storage.js';
import type { Port } from '../../model/network.js';

/** What the rewrites need to know of the target. */
export interface RewriteContext {
  readonly ports: readonly Port[];
  /** Those that are somewhere else on the target say where. */
  readonly disks?: readonly Disk[];
  /** Drives that arrive empty, by their devices. */
  readonly ejected?: readonly string[];
  /** Where the target does not list them yet, volumes of pools are named as the files that they are. */
  readonly areVolumesFiles?: boolean;
  /** As libvirt writes it: 9000000 is 9.0.0; missing where nobody has asked. */
  readonly targetLibvirt?: number;
  /** How many CPUs the target has: pinning to others is dropped. */
  readonly targetCpus: number;
  /** Where consoles listen on the target, for each address of the source's that they listen on now; unchanged where it is not known. */
  readonly listenAddress?: (on: string) => string | undefined;
}

/** Changes an element in place and says in words what it changed. */
export type Rewrite = (element: Element, context: RewriteContext) => string[];

/** Why an element does not move, and what the operator can do. */
export interface Refusal {
  readonly why: string;
  readonly wayOut: string;
  /** The accept word, where a person can take the responsibility. */
  readonly accept?: string;
  /** What is named, if not the element's device. */
  readonly about?: string;
}

/** The fates. `words` stand in docs/guests.md and in the account of a guest. */
export type Fate =
  | { readonly does: 'travels' }
  /** Changed for the target. */
  | { readonly does: 'rewritten'; readonly words: string; readonly rewrite: Rewrite }
  /** Left out on the target, which is said. */
  | { readonly does: 'dropped'; readonly words: string; readonly rewrite: Rewrite }
  /** State beside the XML that comes with the guest. */
  | { readonly does: 'carried'; readonly words: string }
  /** The target must have it: looked at there before anything is touched. */
  | {
      readonly does: 'needed';
      readonly words: string;
      readonly needs: (element: Element) => readonly Need[];
    }
  /** The guest does not move with it. Nothing to say of an element means that this one does not matter. */
  | {
      readonly does: 'refused';
      readonly words: string;
      readonly refusals: (element: Element) => readonly Refusal[];
    };

/** As it is, on every host. */
export const travels: Fate = { does: 'travels' };

/** Changed for the target. */
export const rewritten = (words: string, rewrite: Rewrite): Fate => ({
  does: 'rewritten',
  words,
  rewrite,
});

/** Left out on the target. */
export const dropped = (words: string, rewrite: Rewrite): Fate => ({
  does: 'dropped',
  words,
  rewrite,
});

/** Left out as a whole. `said` is asked before it goes. */
export const removed = (words: string, said: (element: Element) => readonly string[]): Fate =>
  dropped(words, (element) => {
    const lines = [...said(element)];
    element.parentNode?.removeChild(element);
    return lines;
  });

/** Left out because what it belongs to is. */
export const leftOut: Fate = {
  does: 'dropped',
  words: 'with what it belongs to',
  rewrite: () => [],
};

/** Comes with the guest, by a step of its own. */
export const carried = (words: string): Fate => ({ does: 'carried', words });

/** Has to be on the target. */
export const needed = (words: string, needs: (element: Element) => readonly Need[]): Fate => ({
  does: 'needed',
  words,
  needs,
});

/** Keeps the guest from moving. */
export const refused = (
  why: string,
  wayOut: string,
  more: { readonly accept?: string; readonly about?: (element: Element) => string } = {},
): Fate => {
  const { accept, about } = more;
  const refusalOf = (element: Element): Refusal =>
    defined({ why, wayOut, accept, about: about?.(element) });
  return {
    does: 'refused',
    words: `${why}: ${wayOut}`,
    refusals: (element) => [refusalOf(element)],
  };
};

/** Keeps the guest from moving where something is to be said of it. */
export const refusedIf = (
  words: string,
  refusals: (element: Element) => readonly Refusal[],
): Fate => ({ does: 'refused', words, refusals });
