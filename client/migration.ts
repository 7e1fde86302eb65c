/** One migration, as a caller holds it: its progress, its answers, its end. */
import { defined } from '../model/defined.js';
import type { WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { ColdMigrationInput, LiveMigrationInput } from '../model/migration.js';
import type { Decision, Progress, TransferProgress } from '../model/progress.js';
import type { MigrationReport } from '../model/report.js';
import { MigrationError, refuseOthers, taken, toMigrationError } from './failure.js';
import { readTransferProgress } from './transfer-progress.js';

/** What a watcher sees. */
export interface Watched extends Progress {
  /** Only while the transfer runs. */
  readonly transfer?: TransferProgress;
}

/** Who answers a hold, and why. */
export interface Answer {
  readonly by: string;
  readonly reason?: string;
}

/** One migration. */
export interface Migration {
  readonly workflowId: string;
  readonly runId: string | undefined;
  /** The live step table. */
  progress(): Promise<Watched>;
  /** Yields when something changed, until the migration ends. @param everyMs how often is asked */
  watch(everyMs?: number): AsyncIterable<Watched>;
  /** Requests an abort, asking the policy for whom it is given: before the switchover everything is rolled back, after it the migration is finished. */
  abort(by?: string): Promise<void>;
  retry(answer: Answer): Promise<string>;
  skip(answer: Answer): Promise<string>;
  rollback(answer: Answer): Promise<string>;
  /** Where the hosts contradict each other: the guest is the target's, and what is paused on the source is ended. */
  forward(answer: Answer): Promise<string>;
  /** Of a cold migration that waits: removes the source's copy. */
  confirm(answer: Answer): Promise<string>;
  /** Of a cold migration that waits: goes back to the source's copy. */
  revert(answer: Answer): Promise<string>;
  /** How it has ended; `undefined` while it has not. */
  end(): Promise<MigrationReport | MigrationError | undefined>;
  /** @throws MigrationError with the code, what was left, and whether it was refused or rolled back */
  result(): Promise<MigrationReport>;
}

/** The migration behind a workflow's handle. */
export function migrationOf(
  handle: WorkflowHandle,
  runId: string | undefined,
  codec: PayloadCodec | undefined,
): Migration {
  const progress = async (): Promise<Watched> => {
    const [known, transfer] = await Promise.all([
      handle.query<Progress>('progress'),
      readTransferProgress(handle, codec),
    ]);
    return { ...known, ...defined({ transfer }) };
  };
  const result = async (): Promise<MigrationReport> => {
    const report = (await handle.result().catch((error: unknown) => {
      throw toMigrationError(error);
    })) as MigrationReport;
    refuseOthers(report, runId ?? (await handle.describe()).runId, codec);
    return report;
  };
  /** An answer says which hold it answers: the one that is there now. */
  const decide = (choice: Decision['choice']) => async (answer: Answer) => {
    const { hold } = await handle.query<Progress>('progress');
    const given = { ...answer, choice, hold: hold?.key ?? '' };
    return taken(handle.executeUpdate<string, [typeof given]>(choice, { args: [given] }));
  };
  return {
    workflowId: handle.workflowId,
    runId,
    progress,
    watch: (everyMs = 250) => watch(handle, progress, everyMs),
    abort: async (by) => {
      if (by !== undefined)
        await taken(
          handle.executeUpdate<undefined, [{ by: string }]>('mayAbort', { args: [{ by }] }),
        );
      await handle.cancel();
    },
    retry: decide('retry'),
    skip: decide('skip'),
    rollback: decide('rollback'),
    forward: decide('forward'),
    confirm: decide('confirm'),
    revert: decide('revert'),
    result,
    async end() {
      if ((await handle.describe()).status.name === 'RUNNING') return undefined;
      try {
        return await result();
      } catch (error) {
        if (error instanceof MigrationError) return error;
        throw error;
      }
    },
  };
}

async function* watch(
  handle: WorkflowHandle,
  progress: () => Promise<Watched>,
  everyMs: number,
): AsyncGenerator<Watched> {
  let last = '';
  for (;;) {
    // Ended first, then the table: the last table is then never missed.
    const isOpenStill = (await handle.describe()).status.name === 'RUNNING';
    const seen = await progress();
    // Nobody answers a hold of a run that was ended from outside.
    const now = isOpenStill ? seen : withoutHold(seen);
    const text = JSON.stringify(now);
    if (text !== last) yield now;
    last = text;
    if (!isOpenStill) return;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const withoutHold = ({ hold: _hold, ...seen }: Watched): Watched => seen;

/** What starts migrations. */
export interface MigrationStarter {
  /** Starts a live migration. @throws MigrationError MIGRATION_OPEN if this VM is being moved; BAD_INPUT */
  startLiveMigration(request: LiveMigrationInput): Promise<Migration>;
  /** Starts a cold migration: the guest is powered off, and its copy waits for confirm or revert. @throws as above */
  startColdMigration(request: ColdMigrationInput): Promise<Migration>;
}
