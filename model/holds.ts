import type { Decision, Hold } from './progress.js';
import { shellWord } from './shell-word.js';

/** Where the migration stands. */
export interface HeldAt {
  readonly vm: string;
  readonly source?: string;
  readonly target?: string;
}

/** One answer, and what follows from it. */
export interface Choice {
  readonly choice: Decision['choice'];
  readonly does: string;
  readonly command: string;
}

/** The answers that a hold offers, in its order. */
export const choicesOf = (hold: Hold, at: HeldAt): Choice[] =>
  hold.choices.map((choice) => ({
    choice,
    does: doesOf(choice, hold, at),
    command: `drover ${choice} ${shellWord(at.vm)}${NEEDS_REASON.has(choice) ? ' --reason "…"' : ''}`,
  }));

const CONFIRM = 'guest.confirm';

/** Answers that are kept with their reason. */
export const NEEDS_REASON: ReadonlySet<Decision['choice']> = new Set(['skip', 'forward']);

function doesOf(choice: Decision['choice'], { kind, step }: Hold, at: HeldAt): string {
  const [source, target] = [at.source ?? 'the source', at.target ?? 'the target'];
  switch (choice) {
    case 'retry':
      if (step === CONFIRM)
        return `looks again and, if all is well, finishes: removes what ${source} still has`;
      return kind === 'undecided'
        ? `asks ${source} and ${target} again where the guest is; changes nothing on either`
        : `calls ${step} again, with the same input`;
    case 'skip':
      return kind === 'undo-failed'
        ? `leaves out ${step}: what it would have removed, or given back, stays as it is now; the result names it`
        : `leaves out ${step} and goes on with the next step; you have to do by hand what it would have done`;
    case 'rollback':
      return kind === 'undecided'
        ? `rolls everything back on ${target}; each undo refuses while the guest is alive there`
        : `rolls everything back, newest first; the guest stays on ${source}`;
    case 'forward':
      if (step === CONFIRM)
        return `looks again at all but the definition on ${source} and, if all is well, finishes: removes what ${source} still has, with what was changed there`;
      return `ends the paused copy on ${source} (virDomainDestroy) and finishes the move; refused while the guest runs on ${source}, or is not alive on ${target}`;
    case 'confirm':
      return `removes what ${source} still has of it: the definition, disks that were copied, what was set aside; after that there is no way back`;
    case 'revert':
      return `ends the guest on ${target}, removes what was copied there, and gives it back to ${source} from what was set aside, running if it ran; what the guest wrote to copied disks meanwhile is lost, with what its TPM and UEFI variables have got since, and what it wrote to shared ones is not`;
  }
}
