/** The small process of `smallStarter`: starts what it is told to, and ends with its parent. */
import { defined } from '../model/defined.js';
import { execFile } from 'node:child_process';

/** What it is asked for. */
export interface ToStarter {
  readonly id: number;
  readonly argv: readonly [string, ...string[]];
}
/** And what it answers. */
export interface FromStarter {
  readonly id: number;
  readonly stdout: string;
  /** As execFile has it: the command, and what it said on standard error. */
  readonly error?: string;
}

process.on('message', ({ id, argv: [file, ...args] }: ToStarter) => {
  execFile(file, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
    const answer: FromStarter = {
      id,
      stdout,
      ...defined({ error: error ? error.message : undefined }),
    };
    if (process.connected) process.send?.(answer);
  });
});
process.on('disconnect', () => process.exit());
