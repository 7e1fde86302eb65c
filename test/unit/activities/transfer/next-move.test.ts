/** What is done about a transfer, look by look. */
import {
  nextMove,
  noted,
  type Move,
  type Seen,
  type Watch,
} from '../../../../activities/transfer/next-move.js';
import type { TransferProgress } from '../../../../model/progress.js';

const NOW_MS = 100_000;

const job = (processedBytes = 10, isPostCopy = false): TransferProgress => ({
  elapsedMs: 0,
  totalBytes: 100,
  processedBytes,
  remainingBytes: 90,
  diskTotalBytes: 0,
  diskProcessedBytes: 0,
  dirtyBytesPerSec: 0,
  bytesPerSec: 1,
  iteration: 1,
  downtimeMs: 0,
  isPostCopy,
});

/** A transfer of this worker's, in good time. */
const watching: Watch = {
  isAnswerDue: true,
  isSplit: false,
  isPauseDue: false,
  deadlineMs: NOW_MS + 1000,
  sentBytes: 10,
  sentAtMs: NOW_MS,
};

interface Case {
  readonly when: string;
  readonly watch?: Partial<Watch>;
  readonly seen: Seen;
  readonly move: Move;
}

const CASES: readonly Case[] = [
  { when: 'it runs', seen: { job: job() }, move: 'steer' },
  { when: 'libvirt says that it went well', seen: { answer: 'well' }, move: 'ended' },
  {
    when: 'libvirt says that it went well, and somebody aborts',
    seen: { answer: 'well', stop: 'abort' },
    move: 'ended',
  },
  { when: 'libvirt says that it failed', seen: { answer: 'failed' }, move: 'fail' },
  {
    when: 'the connection broke and it runs on',
    seen: { answer: 'lost', job: job() },
    move: 'steer',
  },
  { when: 'the connection broke and it is gone', seen: { answer: 'lost' }, move: 'ask' },
  { when: 'it has no job yet', seen: {}, move: 'wait' },
  {
    when: 'a former worker began it, and it is gone',
    watch: { isAnswerDue: false },
    seen: {},
    move: 'ask',
  },
  { when: 'somebody aborts', seen: { stop: 'abort', job: job() }, move: 'stop' },
  { when: 'the worker leaves', seen: { stop: 'leave', job: job() }, move: 'stop' },
  {
    when: 'somebody aborts, and the memory is on both hosts',
    watch: { isSplit: true },
    seen: { stop: 'abort', job: job() },
    move: 'wait',
  },
  {
    when: 'the worker leaves, and the memory is on both hosts',
    watch: { isSplit: true },
    seen: { stop: 'leave', job: job() },
    move: 'stop',
  },
  {
    when: 'its time is over',
    watch: { deadlineMs: NOW_MS },
    seen: { job: job() },
    move: 'abort',
  },
  {
    when: 'its time is over, and a pause was requested',
    watch: { deadlineMs: NOW_MS, isPauseDue: true },
    seen: { job: job() },
    move: 'pause',
  },
  {
    when: 'its time is over, and the memory is on both hosts',
    watch: { deadlineMs: NOW_MS, isSplit: true },
    seen: { job: job() },
    move: 'wait',
  },
  {
    when: 'it switched to post-copy and its time is over in the same moment',
    watch: { deadlineMs: NOW_MS },
    seen: { job: job(10, true) },
    move: 'wait',
  },
  {
    when: 'a post-copy broke',
    watch: { isSplit: true, sentAtMs: NOW_MS - 5000 },
    seen: { answer: 'failed', job: job(), isResumable: true },
    move: 'resume',
  },
  {
    when: 'a post-copy broke and its job is gone',
    watch: { isSplit: true },
    seen: { answer: 'failed', isResumable: true },
    move: 'resume',
  },
  {
    when: 'libvirt has lost sight of a post-copy that sends on',
    watch: { isSplit: true, sentAtMs: NOW_MS - 5000 },
    seen: { answer: 'failed', job: job(11), isResumable: true },
    move: 'wait',
  },
  {
    when: 'a post-copy broke and cannot go on',
    watch: { isSplit: true },
    seen: { answer: 'failed', isResumable: false },
    move: 'fail',
  },
];

it.each(CASES)('when $when: $move', ({ watch, seen, move }) => {
  const after = noted({ ...watching, ...watch }, seen, NOW_MS);

  expect(nextMove(after, seen, NOW_MS)).toBe(move);
});
