/** Asking again and again, with a limit. */
import type { StepContext } from './implement.js';

/**
 * Asks at once and then every `everyMs` milliseconds until there is an answer; `undefined` if none came within `forMs`.
 * It is asked once more at the limit, so that a slow last answer counts.
 */
export async function until<T>(
  { pause, nowMs }: Pick<StepContext, 'pause' | 'nowMs'>,
  { everyMs, forMs }: { readonly everyMs: number; readonly forMs: number },
  ask: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadlineMs = nowMs() + forMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || nowMs() >= deadlineMs) return answer;
    await pause(everyMs);
  }
}
