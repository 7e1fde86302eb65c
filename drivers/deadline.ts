/** Waiting with a limit, in the one place that drivers wait. */

/** Settles as `work` does, or rejects with `onTimeout()` after `ms` milliseconds. The timer is always cleared. */
export async function withDeadline<T>(
  work: Promise<T>,
  ms: number,
  onTimeout: () => unknown,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(onTimeout() as Error), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after `ms` milliseconds. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
