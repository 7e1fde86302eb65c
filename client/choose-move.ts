/** Live or cold: the one choice for a dry run and for a move (U1, U2). */
import { messageOf } from '../model/errors.js';
import type { ColdMigrationInput, LiveMigrationInput } from '../model/migration.js';
import type { MigrationReport } from '../model/report.js';
import { MigrationError } from './failure.js';
import { judgedMovable, judgedRefused, type Judged } from './judged.js';
import type { MigrationStarter } from './migration.js';

/** A way of moving. */
export type MoveKind = 'live' | 'cold';

/** A choice, with the reason against the other one. */
export interface ChosenMove<T> {
  readonly move: MoveKind;
  readonly why: string;
  readonly rejected: readonly { readonly move: MoveKind; readonly reason: string }[];
  /** What the attempt came to. */
  readonly result: T;
}

/**
 * Live, since it costs the guest least; a guest that does not run moves cold. drover never chooses to power a running guest off:
 * it moves cold only if that is requested.
 * @param attempt makes the move, or its plan
 * @param look runs the checks of a move only: of the other one, when the first is refused
 * @throws MigrationError why it cannot move that way, and what the checks of the other way say
 */
export async function chooseMove<T>(
  wanted: MoveKind | 'auto',
  attempt: (move: MoveKind) => Promise<T>,
  look: (move: MoveKind) => Promise<MigrationReport>,
): Promise<ChosenMove<T>> {
  if (wanted !== 'auto') {
    const result = await attempt(wanted).catch(async (error: unknown) => {
      throw isRefusal(error) ? await withOther(wanted, error, look, true) : error;
    });
    return { move: wanted, why: 'requested', rejected: [], result };
  }
  try {
    const result = await attempt('live');
    const reason = 'it would power the guest off, which is not necessary';
    return { move: 'live', why: 'least downtime', rejected: [{ move: 'cold', reason }], result };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.code !== 'GUEST_NOT_RUNNING') throw await withOther('live', error, look, false);
    const rejected = [{ move: 'live' as const, reason: messageOf(error) }];
    const result = await attempt('cold').catch((second: unknown) => {
      if (!isRefusal(second)) throw second;
      throw withJudged(second, [
        judgedRefused('live', error, false),
        judgedRefused('cold', second, false),
      ]);
    });
    return { move: 'cold', why: 'the guest does not run', rejected, result };
  }
}

const isRefusal = (error: unknown): error is MigrationError =>
  error instanceof MigrationError && error.outcome === 'refused';

/** The refusal of one move, with what the checks of the other one say. What they cannot say hides nothing of the refusal. */
async function withOther(
  move: MoveKind,
  error: MigrationError,
  look: (move: MoveKind) => Promise<MigrationReport>,
  wasAsked: boolean,
): Promise<MigrationError> {
  const other = move === 'live' ? 'cold' : 'live';
  const judged = await look(other).then(
    (report) => judgedMovable(other, report),
    (reason: unknown) => judgedRefused(other, reason, false),
  );
  const both = [judgedRefused(move, error, wasAsked), judged];
  return withJudged(error, move === 'live' ? both : both.reverse());
}

const withJudged = (error: MigrationError, judged: readonly Judged[]): MigrationError =>
  new MigrationError(error, 'refused', error.leftovers, judged);

/** A plan, chosen as the move would be. */
export interface PlannedMove {
  readonly move: MoveKind;
  readonly why: string;
  readonly rejected: readonly { readonly move: MoveKind; readonly reason: string }[];
  readonly report: MigrationReport;
}

/**
 * Runs the checks of the move that would be made; nothing is touched.
 * @throws MigrationError why it cannot move
 */
export async function planMove(
  drover: MigrationStarter,
  { live, cold }: { live: LiveMigrationInput; cold: ColdMigrationInput },
  wanted: MoveKind | 'auto',
): Promise<PlannedMove> {
  const look = (move: MoveKind) => lookAt(drover, { live, cold }, move);
  const { result, why, ...chosen } = await chooseMove(wanted, look, look);
  const storage = chosen.move === 'live' ? `; ${storageIn(result)}` : '';
  return { ...chosen, why: `${why}${storage}`, report: result };
}

/** Runs the checks of one kind of move. @throws MigrationError why it cannot move that way */
export async function lookAt(
  drover: MigrationStarter,
  { live, cold }: { live: LiveMigrationInput; cold: ColdMigrationInput },
  move: MoveKind,
): Promise<MigrationReport> {
  const plan =
    move === 'cold'
      ? await drover.startColdMigration({ ...cold, mode: 'plan' })
      : await drover.startLiveMigration({ ...live, mode: 'plan' });
  return plan.result();
}

function storageIn({ disks }: MigrationReport): string {
  const kinds = new Set(disks.map(({ handling }) => handling));
  if (kinds.has('copy')) return 'block: a disk travels too';
  return kinds.has('shared') ? 'shared storage' : 'volumes';
}
