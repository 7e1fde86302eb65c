/** The real activities, with steps that a test can stop or break. */
import { ApplicationFailure } from '@temporalio/common';
import type { Activity } from '../../activities/kit/activities.js';
import type { Deps } from '../../activities/kit/implement.js';
import { createActivities, IMPLEMENTATIONS } from '../../activities/index.js';
import { present } from '../../model/defined.js';
import { undoOf } from '../../workflows/kit/step.js';

/** A step that waits for the test. */
export interface Gate {
  /** Resolves when the step was called; fails if the run ends without that, with what it ended by. */
  reachedBy(run: { result(): Promise<unknown> }): Promise<void>;
  open(): void;
}

/** What a test may do to steps. */
export interface Controls {
  /** The next call of this activity waits until the gate is opened. */
  gateAt(activity: string): Gate;
  /** The next `times` calls of this activity fail, without an effect. */
  failAt(activity: string, times?: number): void;
}

type Hooks = Map<string, (() => Promise<void>)[]>;

/** Activities over the dependencies of the moment, after whatever the test put before each. */
export function hookedActivities(deps: () => Deps): {
  activities: Record<string, Activity>;
  controls: Controls;
  clear(): void;
} {
  const hooks: Hooks = new Map();
  const hooked =
    (name: string): Activity =>
    async (input) => {
      await hooks.get(name)?.shift()?.();
      const activity = createActivities(deps())[name] as Activity;
      return activity(input);
    };
  const names = IMPLEMENTATIONS.flatMap(({ step }) => present([step.name, undoOf(step)?.name]));
  return {
    activities: Object.fromEntries(names.map((name) => [name, hooked(name)])),
    controls: controlsOf(hooks),
    clear: () => hooks.clear(),
  };
}

function controlsOf(hooks: Hooks): Controls {
  const add = (name: string, hook: () => Promise<void>) =>
    hooks.set(name, [...(hooks.get(name) ?? []), hook]);
  return {
    gateAt(name) {
      let reach: () => void = () => undefined;
      let open: () => void = () => undefined;
      const reached = new Promise<void>((resolvePromise) => (reach = resolvePromise));
      const opened = new Promise<void>((resolvePromise) => (open = resolvePromise));
      add(name, async () => {
        reach();
        await opened;
      });
      const passed = async (run: { result(): Promise<unknown> }) => {
        const ended = JSON.stringify(await run.result());
        throw new Error(`the run ended and never came to ${name}: ${ended}`);
      };
      return { reachedBy: (run) => Promise.race([reached, passed(run)]), open };
    },
    failAt(name, times = 1) {
      for (let i = 0; i < times; i++) {
        add(name, () =>
          Promise.reject(
            ApplicationFailure.create({
              type: 'COMMAND_FAILED',
              message: `injected at ${name}`,
              nonRetryable: true,
            }),
          ),
        );
      }
    },
  };
}
