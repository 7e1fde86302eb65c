/** Named time limits and retry policies, each with its reason. A dead worker's step is taken over when its heartbeat is overdue. */

/** Milliseconds throughout. `attempts` bounds the automatic retries of codes that may be retried. */
export interface Timing {
  readonly why: string;
  readonly attemptMs: number;
  readonly heartbeatMs: number;
  readonly attempts: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/** A live worker beats twice a second. */
const MISSED = { heartbeatMs: 10_000 };

/** The profiles. */
export const TIMINGS = {
  quickQuery: {
    why: 'Reads a few facts from a host; a host that needs longer should not get a guest.',
    ...MISSED,
    attemptMs: 20_000,
    attempts: 6,
    firstRetryMs: 200,
    longestRetryMs: 2_000,
  },
  hostLook: {
    why: 'Tries every way between hosts; each that is closed takes its time to say so.',
    ...MISSED,
    attemptMs: 60_000,
    attempts: 3,
    firstRetryMs: 500,
    longestRetryMs: 2_000,
  },
  hostChange: {
    why: 'One small change on one host. A short outage of ssh is worth waiting for; the guest is untouched.',
    ...MISSED,
    attemptMs: 30_000,
    attempts: 6,
    firstRetryMs: 300,
    longestRetryMs: 5_000,
  },
  dataCopy: {
    why: 'Copies files of any size; what it waits for is progress, so the heartbeat is the limit.',
    heartbeatMs: 20_000,
    attemptMs: 24 * 3600_000,
    attempts: 4,
    firstRetryMs: 500,
    longestRetryMs: 10_000,
  },
  longTransfer: {
    why: 'As long as memory and disks take. A successor finds a dead worker’s transfer after one missed heartbeat.',
    ...MISSED,
    attemptMs: 7 * 24 * 3600_000,
    attempts: 100,
    firstRetryMs: 500,
    longestRetryMs: 10_000,
  },
  forward: {
    why: 'After the switchover nothing is taken back, so an outage of about a minute is waited out before a person is asked.',
    ...MISSED,
    attemptMs: 30_000,
    attempts: 10,
    firstRetryMs: 200,
    longestRetryMs: 15_000,
  },
  undo: {
    why: 'Should leave nothing behind, so it waits a while for a host that is unreachable; then a person is asked.',
    attemptMs: 120_000,
    heartbeatMs: 20_000,
    attempts: 8,
    firstRetryMs: 300,
    longestRetryMs: 10_000,
  },
} as const satisfies Record<string, Timing>;

/** A profile's name. */
export type TimingName = keyof typeof TIMINGS;
