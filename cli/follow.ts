/** Follows a migration to its end: live steps by listr2 on a terminal, a line a step elsewhere, JSON lines on request. */
import { present } from '../model/defined.js';
import { Listr } from 'listr2';
import type { MigrationReport, TransferProgress } from '../client/drover.js';
import type { Migration, Watched } from '../client/migration.js';
import type { StepProgress } from '../model/progress.js';
import { EXIT } from './exit.js';
import { printLine, sizeText } from './output.js';
import { printHold } from './hold.js';

/** How it is shown. */
export interface FollowOptions {
  readonly isJson: boolean;
  /** Steps that were shown already, and the hold that was answered. */
  readonly since?: Watched;
}

/** Shows the migration until it ends or holds; returns the report, or nothing if it holds (exit code 5). */
export async function follow(
  migration: Migration,
  { isJson, since }: FollowOptions,
): Promise<MigrationReport | undefined> {
  const result = migration.result();
  // The table is finished first; the failure is thrown below.
  result.catch(() => undefined);
  const isTerminal = process.stdout.isTTY && !isJson;
  const held = isTerminal ? await drawLive(migration) : await printLines(migration, isJson, since);
  if (!held) return result;
  printHold(held, isJson);
  // A cold migration that waits to be confirmed has done all that was requested so far.
  if (held.hold?.kind !== 'window') process.exitCode = EXIT.held;
  return undefined;
}

async function printLines(
  migration: Migration,
  isJson: boolean,
  since: Watched | undefined,
): Promise<Watched | undefined> {
  const shown = new Map<string, string>();
  since?.steps.forEach((step) => isNews(shown, step));
  for await (const now of migration.watch()) {
    if (isJson) process.stderr.write(`${JSON.stringify(now)}\n`);
    else now.steps.filter((step) => isNews(shown, step)).forEach((step) => printLine(lineOf(step)));
    if (now.hold) return now;
  }
  return undefined;
}

/** What a row of the terminal's list can do. */
interface Shown {
  title: unknown;
  skip(message?: string): void;
}

/** True once for each end of a step's attempt. */
function isNews(shown: Map<string, string>, { name, state, startedAtMs }: StepProgress): boolean {
  const key = `${state}${startedAtMs ?? ''}`;
  if (state === 'pending' || state === 'running' || state === 'undoing' || shown.get(name) === key)
    return false;
  shown.set(name, key);
  return true;
}

async function drawLive(migration: Migration): Promise<Watched | undefined> {
  let held: Watched | undefined;
  let last: Watched | undefined;
  const waiting = new Map<string, { resolve(): void; reject(error: Error): void; task: Shown }>();
  const first = await migration.progress();
  const list = new Listr(
    first.steps.map((step) => ({
      title: `${step.name}  ${step.doc}`,
      task: (_context: unknown, task: Shown) =>
        new Promise<void>((resolve, reject) => {
          waiting.set(step.name, { resolve, reject, task });
          if (last) settle(last);
        }),
    })),
    {
      concurrent: true,
      exitOnError: false,
      rendererOptions: { collapseErrors: false, showErrorMessage: true },
    },
  );
  const settle = (now: Watched, isOver = false) => {
    for (const step of now.steps) {
      const entry = waiting.get(step.name);
      if (!entry) continue;
      entry.task.title = titleOf(step, now.transfer);
      const isLeftOut = step.state === 'skipped' || (isOver && step.state === 'pending');
      if (isLeftOut) entry.task.skip(step.note ?? `${step.name}  not run`);
      if (isLeftOut || step.state === 'done' || step.state === 'undone') entry.resolve();
      else if (isOver || step.state === 'undo-failed')
        entry.reject(new Error(step.note ?? step.state));
    }
  };
  const drawing = list.run();
  for await (const now of migration.watch(200)) {
    last = now;
    settle(now);
    if (now.hold) {
      held = now;
      break;
    }
  }
  if (last) settle(last, true);
  await drawing;
  return held;
}

const titleOf = (step: StepProgress, transfer: TransferProgress | undefined): string =>
  step.state === 'running' && transfer
    ? `${step.name}  ${transferText(transfer)}`
    : `${step.name}  ${step.doc}${step.durationMs === undefined ? '' : `  ${step.durationMs} ms`}${step.state === 'undone' ? ' (undone)' : ''}`;

/** A transfer's figures in one line. */
export const transferText = (at: TransferProgress): string =>
  [
    `${sizeText(at.processedBytes)} of ${sizeText(at.totalBytes)} sent`,
    `${sizeText(at.remainingBytes)} left`,
    `${sizeText(at.bytesPerSec)}/s`,
    ...present([
      at.bytesPerSec > 0 && at.remainingBytes > 0
        ? `about ${Math.ceil(at.remainingBytes / at.bytesPerSec)} s to go`
        : undefined,
    ]),
    // A copy of disks has no passes, and nobody writes to what it reads.
    ...present([
      at.dirtyBytesPerSec > 0 ? `guest dirties ${sizeText(at.dirtyBytesPerSec)}/s` : undefined,
      at.iteration > 1 ? `pass ${at.iteration}` : undefined,
      at.downtimeMs ? `downtime ${at.downtimeMs} ms` : undefined,
      at.trouble,
    ]),
  ].join(', ');

const WORDS: Partial<Record<StepProgress['state'], string>> = {
  'undo-failed': 'NOT undone',
};

const lineOf = ({ number, name, state, durationMs, note, doc }: StepProgress): string =>
  `${String(number).padStart(2)} ${name.padEnd(24)} ${(WORDS[state] ?? state).padEnd(11)} ${String(durationMs ?? '').padStart(6)} ms  ${note ?? doc}`;
