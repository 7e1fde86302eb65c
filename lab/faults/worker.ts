/** A worker in a process of its own, for the lab's faults: its parent may stop it at a step, break a step, or kill it. */
import { ApplicationFailure } from '@temporalio/common';
import { createActivities } from '../../activities/index.js';
import { accessFrom } from '../../client/access.js';
import type { Activity } from '../../activities/kit/activities.js';
import { inventorySocket } from '../../inventory/open.js';
import { remoteInventory } from '../../inventory/remote.js';
import { config } from '../../temporal.config.js';
import { createDeps } from '../../workers/dependencies.js';
import { createWorker, loadBundle } from '../../workers/worker.js';

/** What the next call of one step meets. `halt`: it tells the parent and waits for `go`. */
export interface Arm {
  readonly step: string;
  readonly way: 'error before' | 'error after' | 'reply lost' | 'halt';
}
/** What the parent says, and what it hears. */
export type ToWorker = { readonly arm: Arm } | { readonly go: true };
export type FromWorker = { readonly is: 'ready' } | { readonly is: 'at'; readonly step: string };

let armed: Arm | undefined;
let go: () => void = () => undefined;
const tell = (message: FromWorker) => process.send?.(message);

process.on('message', (message: ToWorker) => {
  if ('arm' in message) armed = message.arm;
  else go();
});
process.on('disconnect', () => process.exit(1));

const fault = (type: string, nonRetryable: boolean, step: string) =>
  ApplicationFailure.create({ type, message: `injected at ${step}`, nonRetryable });

const breakable =
  (name: string, activity: Activity): Activity =>
  async (input) => {
    if (armed?.step !== name) return activity(input);
    const { way } = armed;
    armed = undefined;
    if (way === 'error before') throw fault('COMMAND_FAILED', true, name);
    if (way === 'halt') {
      const released = new Promise<void>((resolve) => (go = resolve));
      tell({ is: 'at', step: name });
      await released;
      return activity(input);
    }
    await activity(input);
    throw way === 'error after'
      ? fault('COMMAND_FAILED', true, name)
      : fault('HOST_UNREACHABLE', false, name);
  };

async function main(): Promise<void> {
  const deps = createDeps(config, remoteInventory(inventorySocket(config.home)));
  const real = createActivities(deps);
  const activities = Object.fromEntries(
    Object.entries(real).map(([name, activity]) => [name, breakable(name, activity)]),
  );
  const { temporal } = config;
  const bundle = await loadBundle();
  const access = await accessFrom(temporal);
  const { worker } = await createWorker({ temporal, deps, bundle, activities, ...access });
  tell({ is: 'ready' });
  await worker.run();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
