/** Runs as a list shows them, read from their search attributes. */

/** One line of a list. */
export interface MigrationSummary {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  readonly startedAt: string;
  readonly vm: string;
  readonly source: string;
  readonly target: string;
  readonly state: string;
  readonly step: string;
  readonly requestedBy: string;
}

interface Listed {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: { readonly name: string };
  readonly startTime: Date;
  readonly searchAttributes: Record<string, unknown>;
}

/** Ends in which a run said nothing any more: the state that it wrote last is not its state. */
const ENDED_BY_TEMPORAL = new Set(['TERMINATED', 'TIMED_OUT']);
const inWords = (status: string): string => status.toLowerCase().replace('_', ' ');

/** A dry run ends well without anything having moved. */
const isPlan = (status: string, step: string): boolean =>
  status === 'COMPLETED' && step.startsWith('plan.');

function stateOf(status: string, written: string, step: string): string {
  if (ENDED_BY_TEMPORAL.has(status)) return inWords(status);
  return isPlan(status, step) ? 'planned' : written;
}

/** One run as a line. */
export function summaryOf({
  workflowId,
  runId,
  status,
  startTime,
  searchAttributes,
}: Listed): MigrationSummary {
  const text = (name: string) => {
    const [value] = (searchAttributes[name] ?? []) as unknown[];
    return typeof value === 'string' ? value : '';
  };
  return {
    workflowId,
    runId,
    status: status.name.toLowerCase(),
    startedAt: startTime.toISOString(),
    vm: text('VmName'),
    source: text('SourceHost'),
    target: text('TargetHost'),
    state: stateOf(status.name, text('MigrationState'), text('Step')),
    step: text('Step'),
    requestedBy: text('RequestedBy'),
  };
}
