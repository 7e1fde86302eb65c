/** Live or cold: the one choice for a dry run and for a move (U1, U2). */
import { CodedError, messageOf } from '../model/errors.js';
import type { ColdMigrationInput, LiveMigrationInput } from '../model/migration.js';
import type { MigrationReport } from '../model/report.js';
import { MigrationError } from './failure.js';
import type { Migration, MigrationStarter } from './migration.js';

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
 * @throws MigrationError why it cannot move that way
 */
export async function chooseMove<T>(
  wanted: MoveKind | 'auto',
  attempt: (move: MoveKind) => Promise<T>,
): Promise<ChosenMove<T>> {
  if (wanted !== 'auto')
    return { move: wanted, why: 'requested', rejected: [], result: await attempt(wanted) };
  try {
    const result = await attempt('live');
    const reason = 'it would power the guest off, which is not necessary';
    return { move: 'live', why: 'least downtime', rejected: [{ move: 'cold', reason }], result };
  } catch (error) {
    if (!(error instanceof MigrationError) || error.outcome !== 'refused') throw error;
    if (error.code !== 'GUEST_NOT_RUNNING') throw withColdHint(error);
    const rejected = [{ move: 'live' as const, reason: messageOf(error) }];
    return { move: 'cold', why: 'the guest does not run', rejected, result: await attempt('cold') };
  }
}

const withColdHint = ({ code, message, hint, cause }: MigrationError): MigrationError =>
  new MigrationError(
    new CodedError(code, message, {
      hint: `${hint} To see whether it could move cold, add --cold --dry-run.`,
      cause,
    }),
    'refused',
    [],
  );

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
  const planned = async (migration: Promise<Migration>) => (await migration).result();
  const { result, why, ...chosen } = await chooseMove(wanted, (move) =>
    move === 'cold'
      ? planned(drover.startColdMigration({ ...cold, mode: 'plan' }))
      : planned(drover.startLiveMigration({ ...live, mode: 'plan' })),
  );
  const storage = chosen.move === 'live' ? `; ${storageIn(result)}` : '';
  return { ...chosen, why: `${why}${storage}`, report: result };
}

function storageIn({ disks }: MigrationReport): string {
  const kinds = new Set(disks.map(({ handling }) => handling));
  if (kinds.has('copy')) return 'block: a disk travels too';
  return kinds.has('shared') ? 'shared storage' : 'volumes';
}
