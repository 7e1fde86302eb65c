/** The planner (U1, U2): live where it can be, since it costs the guest least; else cold; and why. */
import { CodedError, messageOf } from '../model/errors.js';
import type {
  ColdMigrationInput,
  LiveMigrationInput,
  MigrationReport,
} from '../model/migration.js';
import type { Migration, MigrationStarter } from './migration.js';
import { MigrationError } from './failure.js';

/** A choice, with what spoke against each other one. */
export interface PlannedMove {
  readonly move: 'live' | 'cold';
  readonly why: string;
  readonly rejected: readonly { readonly move: 'live' | 'cold'; readonly reason: string }[];
  readonly report: MigrationReport;
}

/**
 * Runs the checks of one kind of move, or of both until one fits; nothing is touched.
 * @throws MigrationError if none is possible
 */
export async function planMove(
  drover: MigrationStarter,
  { live, cold }: { live: LiveMigrationInput; cold: ColdMigrationInput },
  wanted: 'auto' | 'live' | 'cold',
): Promise<PlannedMove> {
  const planned = async (migration: Promise<Migration>) => (await migration).result();
  const planCold = () => planned(drover.startColdMigration({ ...cold, mode: 'plan' }));
  if (wanted === 'cold') {
    return { move: 'cold', why: 'asked for', rejected: [], report: await planCold() };
  }
  let refusal: MigrationError;
  try {
    const report = await planned(drover.startLiveMigration({ ...live, mode: 'plan' }));
    const reason = 'it would power the guest off, and nothing makes that necessary';
    const kinds = new Set(report.disks.map(({ handling }) => handling));
    const storage = kinds.has('copy')
      ? 'block: a disk travels too'
      : kinds.has('shared')
        ? 'shared storage'
        : 'volumes';
    const why = `least downtime, and the target can be chosen (U1); ${storage}`;
    return { move: 'live', why, rejected: [{ move: 'cold', reason }], report };
  } catch (error) {
    if (wanted === 'live' || !(error instanceof MigrationError) || error.outcome !== 'refused')
      throw error;
    refusal = error;
  }
  const rejected = [{ move: 'live' as const, reason: messageOf(refusal) }];
  const report = await planCold().catch((error: unknown) => {
    throw neither(refusal, error);
  });
  return { move: 'cold', why: 'what is left (U2)', rejected, report };
}

/** The code is the live migration's, which is the move that was wanted first. */
const neither = (live: MigrationError, cold: unknown): MigrationError =>
  new MigrationError(
    new CodedError(live.code, `not live: ${live.message}; not cold: ${messageOf(cold)}`, {
      hint: live.hint,
      cause: cold,
    }),
    'refused',
    [],
  );
