/** Where a guest is, as one host says it. */
import { z } from 'zod';
import { isActive, type GuestState } from './vm.js';

/**
 * Why a guest is in its state, as far as it matters: libvirt holds it for a migration, its memory is split between two
 * hosts (`postcopyFailed`: and the link between them broke), or a disk failed it.
 */
export const StateReason = z.enum(['migration', 'postcopy', 'postcopyFailed', 'ioError', 'other']);
export type StateReason = z.infer<typeof StateReason>;

/**
 * What one host says. `migrating`: paused by libvirt itself, to switch over or to wait for memory. `postcopy`: one part of
 * its memory is here and the rest is not. `unknown`: the host cannot be asked.
 */
export const SIDES = [
  'running',
  'paused',
  'migrating',
  'postcopy',
  'off',
  'absent',
  'unknown',
] as const;
export type Side = (typeof SIDES)[number];

/** A guest as a host has it; `undefined` if the host does not know it. */
export function sideOf(
  guest: { readonly state: GuestState; readonly reason: StateReason } | undefined,
): Side {
  if (!guest) return 'absent';
  if (!isActive(guest.state)) return 'off';
  if (guest.reason === 'postcopy' || guest.reason === 'postcopyFailed') return 'postcopy';
  if (guest.state !== 'paused') return 'running';
  return guest.reason === 'migration' ? 'migrating' : 'paused';
}

/** True if the guest's memory, or a part of it, is on that side. */
export const lives = (side: Side): boolean =>
  side !== 'absent' && side !== 'off' && side !== 'unknown';
