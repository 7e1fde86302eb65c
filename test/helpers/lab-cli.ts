/** The command `drover`, as the lab's operator types it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What it prints on standard output. @throws what it prints on standard error, if it fails */
export async function droverSays(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(__dirname, '../../bin/drover'), args, {
    env: {
      ...process.env,
      DROVER_HOME: process.env['DROVER_TEST_LAB_HOME'],
      TEMPORAL_ADDRESS: process.env['DROVER_TEST_LAB_TEMPORAL'],
    },
  });
  return stdout;
}
