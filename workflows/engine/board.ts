/** The live table of a run: what the query `progress` answers and what the Web UI shows as current details. */
import { defined } from '../../model/defined.js';
import type { Decision, Progress, ShownHold, StepProgress } from '../../model/progress.js';
import type { StepEvent } from '../kit/runner.js';
import type { AnyStep } from '../kit/step.js';
import { toMarkdown } from '../../model/progress-table.js';

/** What the run is about, as far as it is known. */
export interface Subject {
  /** In one word: a VM, a host. */
  title: string;
  vm?: string;
  uuid?: string;
  source?: string;
  target?: string;
  project?: string | undefined;
  /** Objections that the requester took the responsibility for. */
  accepted?: readonly string[];
}

/** The mutable state behind one run's progress. */
export interface Board {
  readonly subject: Subject;
  record(step: AnyStep, event: StepEvent, note: string | undefined, nowMs: number): void;
  setState(state: string): void;
  setHold(hold: ShownHold | undefined): void;
  addDecision(decision: Decision, step: string, nowMs: number): void;
  progress(): Progress;
  markdown(): string;
}

/** A board for the steps of one runbook, all pending. */
export function createBoard(runbook: string, steps: readonly AnyStep[], subject: Subject): Board {
  const rows = new Map<string, StepProgress>(
    steps.map(({ name, doc }, index) => [name, { number: index + 1, name, doc, state: 'pending' }]),
  );
  let state = 'checking';
  let hold: ShownHold | undefined;
  const decisions: (Decision & { step: string; atMs: number })[] = [];

  const progress = (): Progress => ({
    runbook,
    state,
    title: subject.title,
    vm: subject.vm ?? subject.title,
    ...defined({ source: subject.source, target: subject.target }),
    steps: [...rows.values()],
    ...defined({ hold, accepted: subject.accepted?.length ? subject.accepted : undefined }),
    decisions,
  });
  return {
    subject,
    record(step, event, note, nowMs) {
      const row = rows.get(step.name);
      if (row) rows.set(step.name, advance(row, event, note, nowMs));
    },
    setState: (next) => {
      state = next;
    },
    setHold: (next) => {
      hold = next;
    },
    addDecision: (decision, step, atMs) => void decisions.push({ ...decision, step, atMs }),
    progress,
    markdown: () => toMarkdown(progress()),
  };
}

function advance(
  row: StepProgress,
  event: StepEvent,
  note: string | undefined,
  nowMs: number,
): StepProgress {
  const { note: _old, durationMs: _spent, ...rest } = row;
  const starts = event === 'running' || event === 'undoing';
  const durationMs = starts ? undefined : nowMs - (row.startedAtMs ?? nowMs);
  const startedAtMs = starts ? nowMs : row.startedAtMs;
  return { ...rest, state: event, ...defined({ startedAtMs, durationMs, note }) };
}
