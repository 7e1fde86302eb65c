/** A guest's life: moved from host to host, with one thing that is true after each move. */
import type { LabGuest } from './guest.js';

/** One move of a guest, and what it is called in a failure. */
export interface Move {
  readonly to: string;
  make(guest: LabGuest): Promise<void>;
}

/** Makes the moves in their order, and checks after each of them. */
export async function lifecycle(
  guest: LabGuest,
  moves: readonly Move[],
  check: (move: Move) => Promise<void>,
): Promise<void> {
  for (const move of moves) {
    await move.make(guest);
    await check(move);
  }
}
