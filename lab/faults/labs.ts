/** Several labs side by side, and cases shared out among them. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Case, Result } from './case.js';
import type { FromHand } from './hand.js';

/** Plays all cases on `count` labs, each lab one at a time; `onResult` hears of each as it ends. */
export async function playAll(
  cases: Iterable<Case>,
  count: number,
  onResult: (result: Result) => void,
): Promise<void> {
  const queue = cases[Symbol.iterator]();
  const hands = Array.from({ length: count }, (_, at) => startHand(at + 1));
  const leave = () => void Promise.all(hands.map(stop)).finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, leave);
  try {
    await Promise.all(hands.map((hand) => playOn(hand, queue, onResult)));
  } finally {
    await Promise.all(hands.map(stop));
  }
}

/** The first is the lab that is always there; others are made for it and taken down with it. */
function startHand(number: number): ChildProcess {
  return fork(join(__dirname, 'hand.js'), {
    env: { ...process.env, DROVER_LAB_NUMBER: String(number) },
    stdio: ['ignore', 2, 2, 'ipc'],
  });
}

function playOn(
  hand: ChildProcess,
  queue: Iterator<Case>,
  onResult: (result: Result) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    hand.once('exit', (code) => reject(new Error(`a lab's process ended with ${String(code)}`)));
    hand.on('message', (message: FromHand) => {
      if (message.is === 'result') return onResult(message.of);
      const next = queue.next();
      if (next.done) resolve();
      else hand.send(next.value);
    });
  });
}

async function stop(hand: ChildProcess): Promise<void> {
  if (hand.exitCode !== null || hand.signalCode !== null) return;
  const ended = once(hand, 'exit');
  if (hand.connected) hand.disconnect();
  await ended;
}
