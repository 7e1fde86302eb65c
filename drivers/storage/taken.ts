/** How far a copy into a block device is, as the device's mark says. */
import type { HostPath, MigrationId } from '../../model/ids.js';
import type { HostShell } from '../interfaces/shell.js';
import { PUT_STATE, STATES } from './taken-scripts.js';

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
