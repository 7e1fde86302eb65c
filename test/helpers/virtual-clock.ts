/** A clock that runs as fast as its waiters let it: a minute of waiting takes no time. */

/** Time in milliseconds since the clock was made. */
export interface VirtualClock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
  /** Lets something happen at a time. */
  at(ms: number, event: () => void): void;
}

/** A clock at zero. Time moves when everything else has run that was ready to. */
export function virtualClock(): VirtualClock {
  let nowMs = 0;
  let isMoving = false;
  const due: { readonly atMs: number; readonly fire: () => void }[] = [];
  const move = () => {
    due.sort((a, b) => a.atMs - b.atMs);
    const next = due.shift();
    isMoving = next !== undefined;
    if (!next) return;
    nowMs = Math.max(nowMs, next.atMs);
    next.fire();
    setImmediate(move);
  };
  const at = (atMs: number, fire: () => void) => {
    due.push({ atMs, fire });
    if (!isMoving) setImmediate(move);
    isMoving = true;
  };
  return {
    nowMs: () => nowMs,
    pause: (ms) => new Promise((resolve) => at(nowMs + ms, resolve)),
    at,
  };
}
