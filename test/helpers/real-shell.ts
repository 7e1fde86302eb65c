/** A shell of tests that runs a command's script on this machine. */
import { spawnSync } from 'node:child_process';
import type { HostShell } from '../../drivers/interfaces/shell.js';
import { ran } from './ran.js';

/** Without standard input, and never as another user. */
export const realShell: HostShell = {
  pipe: () => Promise.reject(new Error('nothing is piped here')),
  run: ({ text }, args) => {
    const { stdout, stderr, status } = spawnSync('sh', ['-c', text, 'sh', ...args], {
      encoding: 'utf8',
    });
    return Promise.resolve(ran({ stdout, stderr, exitCode: status ?? -1 }));
  },
};
