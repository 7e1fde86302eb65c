/** The guest's client while it is moved. */
import { pause } from '../../drivers/deadline.js';
import { askBootingGuest } from '../observer.js';
import type { Kind } from './kinds.js';

/** A client that has records written, one after the other, and counts what the guest has on disk for sure. */
export function keepWriting({ ip, disk }: Kind) {
  let acknowledged = 0;
  let isOver = false;
  const writing = (async () => {
    await askBootingGuest(ip, 'write?1').catch(() => undefined);
    acknowledged = Number(
      (await askBootingGuest(ip, `records?${disk}`).catch(() => '0')).trim().split(' ')[0],
    );
    while (!isOver) {
      await askBootingGuest(ip, 'write?1').then(
        () => acknowledged++,
        () => undefined,
      );
      await pause(700); // Each one is a process in an emulated guest, and several labs share two cores.
    }
  })();
  return {
    async stop(): Promise<number> {
      isOver = true;
      await writing;
      return acknowledged;
    },
  };
}
