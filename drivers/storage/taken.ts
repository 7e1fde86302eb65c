/** How far a copy into a block device is, as the device's mark says. */
import type { HostPath, MigrationId } from '../../model/ids.js';
import type { HostCommand, HostShell } from '../interfaces/shell.js';
import { BEGIN_COPY, END_COPY, PUT_STATE, REFUSED, STATES } from './taken-scripts.js';

/** `empty`: proved to be, and nothing was written yet. `writing`: what is on it is unfinished. `last`: the last copy of a guest's. `kept`: its mark goes, and what is on it stays. `gone`: which device it was cannot be told any more. */
export type TakenState = 'read' | 'empty' | 'writing' | 'arrived' | 'last' | 'kept' | 'gone';

/** Of a device that this migration has taken. */
export async function stateOf(
  shell: HostShell,
  path: HostPath,
  owner: MigrationId,
): Promise<string | undefined> {
  const { stdout } = await shell.run(STATES, [owner, path]);
  return stdout.split(' ')[0] || undefined;
}

/** Writes it down. */
export async function putState(
  shell: HostShell,
  paths: readonly HostPath[],
  owner: MigrationId,
  state: TakenState,
): Promise<void> {
  if (paths.length > 0) await shell.run(PUT_STATE, [owner, state, ...paths]);
}

/** One attempt at a copy into a device; of two, the later one alone says that its copy has arrived. */
interface AttemptInto {
  readonly path: HostPath;
  readonly owner: MigrationId;
  readonly attempt: string;
}

/** @returns whether it may write: not into what has arrived */
export const beginCopyInto = (shell: HostShell, into: AttemptInto): Promise<boolean> =>
  isTaken(shell, BEGIN_COPY, into);

/** @returns whether it has arrived: not if another attempt has begun since */
export const endCopyInto = (shell: HostShell, into: AttemptInto): Promise<boolean> =>
  isTaken(shell, END_COPY, into);

async function isTaken(
  shell: HostShell,
  command: HostCommand,
  { owner, path, attempt }: AttemptInto,
): Promise<boolean> {
  const okCodes = [0, REFUSED];
  return (await shell.run(command, [owner, path, attempt], { okCodes })).exitCode === 0;
}
