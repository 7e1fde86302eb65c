/**
 * Starting commands from a process that has grown: each one copies the page tables of whoever starts it, which took a fifth of
 * the time of a process with 500 MiB. A process that stays small starts them instead.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { FromStarter, ToStarter } from './starter-process.js';

/** Runs a command, and returns what it printed. @throws Error with what it said on standard error */
export type Start = (argv: readonly [string, ...string[]]) => Promise<string>;

/** Starts the small process. It does not keep this one from ending, and ends with it. */
export function smallStarter(): Start {
  const child = fork(join(__dirname, 'starter-process.js'));
  const waiting = new Map<number, (answer: FromStarter) => void>();
  let id = 0;
  child.on('message', (answer: FromStarter) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  child.on('exit', (code) => {
    for (const answer of waiting.values())
      answer({ id: 0, stdout: '', error: `the starter ended with code ${String(code)}` });
  });
  child.unref();
  child.channel?.unref();
  return async (argv) => {
    const asked: ToStarter = { id: ++id, argv };
    const { stdout, error } = await new Promise<FromStarter>((resolve) => {
      waiting.set(asked.id, resolve);
      child.send(asked);
    });
    if (error !== undefined) throw new Error(error);
    return stdout;
  };
}
