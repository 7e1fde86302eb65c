/** Following a broken migration to its end, and answering for the operator. */
import { MigrationError } from '../../client/drover.js';
import type { Migration } from '../../client/migration.js';
import { pause } from '../../drivers/deadline.js';
import { doing } from '../moves.js';
import type { Ending } from './kinds.js';
import type { FaultSite } from './site.js';

/** A look is a query to the worker; several labs share two cores. */
const LOOK_EVERY_MS = 1000;
const BY = { by: 'faults', reason: 'the cause is gone' };

/** How it ended. */
export interface Ended {
  readonly ending: Ending | 'not started' | 'failed';
  readonly hold?: string;
  readonly why?: string;
}

/** What is special about some cases. */
export interface Special {
  /** No answer brings the guest back: the hold is the end. */
  readonly isLost: boolean;
  /** drover waits and says why, and asks nobody: what it waits for comes when it has said so. */
  readonly isHealedInTrouble: boolean;
  /** What a person does about a hold, besides the cause's end. */
  readonly mend?: () => Promise<void>;
  readonly limitMs: number;
}

/** To the end; a hold is healed and answered. */
export async function follow(
  site: FaultSite,
  migration: Migration,
  heal: () => Promise<void>,
  { isLost, isHealedInTrouble, mend, limitMs }: Special,
): Promise<Ended> {
  let hold: string | undefined;
  const outcome = resultOf(migration);
  for (const deadline = Date.now() + limitMs; ;) {
    const ended = await Promise.race([outcome, pause(LOOK_EVERY_MS)]);
    if (ended) return endedAs(ended, hold);
    const seen = await migration.progress().catch(() => undefined);
    if (isHealedInTrouble && seen?.transfer?.trouble) await heal();
    if (seen?.hold) {
      if (hold === undefined) await mend?.();
      hold ??= `${seen.hold.step} ${seen.hold.code}`;
      if (isLost) {
        await terminate(site, migration, outcome);
        return { ending: 'held', hold };
      }
      await heal();
      await migration.retry(BY).catch(() => undefined);
    }
    if (Date.now() < deadline) continue;
    await terminate(site, migration, outcome);
    throw new Error(`not over after ${limitMs / 1000} s; ${doing(seen)}`);
  }
}

function endedAs(ended: Ending | MigrationError, hold: string | undefined): Ended {
  const isError = ended instanceof MigrationError;
  const ending = isError ? (ended.outcome as Ending) : ended;
  const why = isError ? { why: `${ended.code}: ${ended.message}` } : {};
  return hold ? { ending: `held, then ${ending}` as Ending, hold, ...why } : { ending, ...why };
}

/** Else its watcher goes on asking a Temporal that is gone. */
async function terminate(
  { drover }: FaultSite,
  { workflowId }: Migration,
  outcome: Promise<unknown>,
): Promise<void> {
  await drover.temporal.workflow.getHandle(workflowId).terminate('not over');
  await outcome;
}

/** The end, however often Temporal is away meanwhile. */
async function resultOf(migration: Migration): Promise<Ending | MigrationError> {
  for (;;) {
    try {
      return (await migration.result()).outcome as Ending;
    } catch (error) {
      if (error instanceof MigrationError) return error;
      await pause(300);
    }
  }
}
