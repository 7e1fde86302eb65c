/** Objections beyond the guest's XML: its state, and what libvirt keeps for it. */
import { present } from '../../model/defined.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import type { Kept } from '../../drivers/interfaces/hypervisor/definitions.js';
import { objection, type Objection } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';

/** `--discard-saved-state` stands for `--accept managed-save`. */
export const MANAGED_SAVE = 'managed-save';

/** `--accept` of it lets a cold move end a paused guest, with what is in its memory. */
const PAUSED_MEMORY = 'paused-memory';

/** A guest that stands still, or that nobody has defined. */
export const objectionsToState = (guest: GuestOnHost): Objection[] =>
  present([transience(guest), standstill(guest)]);

function transience({ name, isPersistent }: GuestOnHost): Objection | undefined {
  if (isPersistent) return undefined;
  return objection(
    'the guest',
    'is transient: libvirt would forget it when it is powered off',
    `define it first, with its passwords: virsh dumpxml --security-info ${shellWord(name)} | virsh define /dev/stdin`,
    { moves: ['cold'] },
  );
}

function standstill({ name, state, reason }: GuestOnHost): Objection | undefined {
  if (state !== 'paused') return undefined;
  const guest = shellWord(name);
  if (reason === 'ioError')
    return objection(
      'the guest',
      'is paused by an I/O error of a disk',
      `see which one (virsh domblkerror ${guest}), mend it, then virsh resume ${guest}`,
      { accept: PAUSED_MEMORY },
    );
  return objection(
    'the guest',
    'is paused, and a cold move would end it with what is in its memory',
    `resume it first (virsh resume ${guest}), or move it live, which keeps it paused`,
    { moves: ['cold'], accept: PAUSED_MEMORY },
  );
}

/** Saved memory, snapshots and checkpoints, by their names. */
export function objectionsToKept(name: string, kept: Kept, isOn: boolean): Objection[] {
  const { hasManagedSave, snapshots, checkpoints } = kept;
  const guest = shellWord(name);
  const names = snapshots.map((snapshot) => snapshot.name);
  return present([
    hasManagedSave
      ? objection(
          'the guest',
          'has a saved state, its memory',
          `start it (virsh start ${guest}) and move it live, or say --discard-saved-state`,
          { accept: MANAGED_SAVE },
        )
      : undefined,
    names.length > 0
      ? objection(
          `snapshot ${names.join(', ')}`,
          'would be left behind: libvirt moves no running guest with snapshots',
          `move it cold, which carries them, or delete them (virsh snapshot-delete ${guest} --snapshotname ${shellWord(names[0] ?? '')})`,
          { moves: ['live'] },
        )
      : undefined,
    checkpoints.length > 0
      ? objection(
          `checkpoint ${checkpoints.join(', ')}`,
          'would be left behind: libvirt moves no running guest with checkpoints',
          `move it cold, which carries them, or delete them (virsh checkpoint-delete ${guest} --checkpointname ${shellWord(checkpoints[0] ?? '')}${isOn ? '' : ' --metadata'}); the next backup is then a full one`,
          { moves: ['live'] },
        )
      : undefined,
  ]);
}
