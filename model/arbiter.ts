/** Where a guest is, from what both hosts say of it: one written answer for every pair (docs/safety.md, generated from here). */
import type { Side } from './side.js';

/** What follows: the guest is on the source and everything is rolled back; it is on the target and the move goes forward; or a person decides. */
export interface Ruling {
  readonly verdict: 'source' | 'target' | 'hold';
  readonly why: string;
  /** Of a hold: what the operator does next. */
  readonly hint: string;
}

const source = (why: string): Ruling => ({ verdict: 'source', why, hint: '' });
const target = (why: string): Ruling => ({ verdict: 'target', why, hint: '' });
const hold = (why: string, hint: string): Ruling => ({ verdict: 'hold', why, hint });

const STAYS = source('it never left the source');
const WAITING = source('the target only waits for memory; it never ran there');
const MOVED = target('it is on the target only');
const BOTH = hold(
  'it is alive on both hosts, and both may write to its disks',
  'Pause the one that should not stay (virsh suspend), compare what both have written, end it by hand, then retry.',
);
const LEFTOVER = hold(
  'it runs on the target, and the source keeps a paused copy that libvirt did not end',
  'forward ends the paused copy on the source. Never resume it there.',
);
const STUCK = hold(
  'libvirt paused it on the source for the switchover, and the target does not have it',
  'If the target never ran it, resume it on the source (virsh resume) and roll back; if it did and died there, its disks are newer than this memory: end it, and start it from its disks.',
);
const SPLIT = hold(
  'its memory is on both hosts, in part: neither side may be ended',
  'While both have their part, ending either loses the guest: resume it on the source (virsh migrate --live --p2p --postcopy --postcopy-resume), then retry. If one part is gone, so is the memory, and also if QEMU on the target no longer accepts commands (TRANSFER_STUCK at transfer.run): end what is left of it on both, start the guest from its disks (the target’s, if they were copied), then retry.',
);
const NOWHERE = hold(
  'it is alive on neither host',
  'Read the logs of QEMU on both hosts. After the switchover the target’s disks are the newer ones: start it there by hand, then retry. rollback returns to the source’s.',
);
const DEAF_SOURCE = hold(
  'the source does not answer, so the guest may run there too',
  'Make the source reachable, then retry. Use forward only if you are certain that the source is off (fenced).',
);
const DEAF_TARGET = hold(
  'the target does not answer, so the guest may run there too',
  'Make the target reachable, then retry.',
);

/** Source first, then target. */
export const RULINGS: Readonly<Record<Side, Readonly<Record<Side, Ruling>>>> = {
  running: {
    running: BOTH,
    paused: BOTH,
    migrating: WAITING,
    postcopy: BOTH,
    off: STAYS,
    absent: STAYS,
    unknown: DEAF_TARGET,
  },
  paused: {
    running: BOTH,
    paused: BOTH,
    migrating: WAITING,
    postcopy: SPLIT,
    off: STAYS,
    absent: STAYS,
    unknown: DEAF_TARGET,
  },
  migrating: {
    running: LEFTOVER,
    paused: LEFTOVER,
    migrating: STUCK,
    postcopy: SPLIT,
    off: STUCK,
    absent: STUCK,
    unknown: DEAF_TARGET,
  },
  postcopy: {
    running: LEFTOVER,
    paused: SPLIT,
    migrating: SPLIT,
    postcopy: SPLIT,
    off: SPLIT,
    absent: SPLIT,
    unknown: SPLIT,
  },
  off: {
    running: MOVED,
    paused: MOVED,
    migrating: NOWHERE,
    postcopy: SPLIT,
    off: NOWHERE,
    absent: NOWHERE,
    unknown: DEAF_TARGET,
  },
  absent: {
    running: MOVED,
    paused: MOVED,
    migrating: NOWHERE,
    postcopy: SPLIT,
    off: NOWHERE,
    absent: NOWHERE,
    unknown: DEAF_TARGET,
  },
  unknown: {
    running: DEAF_SOURCE,
    paused: DEAF_SOURCE,
    migrating: DEAF_SOURCE,
    postcopy: SPLIT,
    off: DEAF_SOURCE,
    absent: DEAF_SOURCE,
    unknown: DEAF_SOURCE,
  },
};

/** The answer for a pair. */
export const rule = (onSource: Side, onTarget: Side): Ruling => RULINGS[onSource][onTarget];
