/** Objections beyond the guest's XML: what libvirt keeps for it, and differences between the running guest and its definition. */
import { present } from '../../model/defined.js';
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import type { Kept } from '../../drivers/interfaces/hypervisor/definitions.js';
import type { DomainFacts } from '../../guest/xml/domain.js';
import type { Port } from '../../model/network.js';
import { objection, type Objection } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';
import { changesOf } from './owned.js';
import type { Disk } from '../../model/storage.js';

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

/** Differences between a running guest and its definition: disks are objections, ports are remarks. */
export function differencesOf(
  live: DomainFacts,
  defined: DomainFacts,
): { objections: Objection[]; remarks: string[] } {
  const disks = [
    ...lacking(live.disks, defined.disks, diskName).map((disk) =>
      objection(
        `disk ${diskName(disk)}`,
        'is attached to the running guest only, and in no definition',
        onlyRunning(live.name, disk),
      ),
    ),
    ...lacking(defined.disks, live.disks, diskName).map((disk) =>
      objection(
        `disk ${diskName(disk)}`,
        'is in the definition only, and the running guest does not have it',
        onlyDefined(live.name, disk),
        // A cold move takes what is defined, this disk with it.
        { moves: ['live'] },
      ),
    ),
  ];
  const remarks = [
    ...lacking(defined.disks, live.disks, diskName).map(
      (disk) => `disk ${diskName(disk)} is in the definition only: the next start has it`,
    ),
    ...lacking(live.ports, defined.ports, portName).map(
      (port) => `interface ${portName(port)} is the running guest's only: it ends with it`,
    ),
    ...lacking(defined.ports, live.ports, portName).map(
      (port) => `interface ${portName(port)} is in the definition only: the next start has it`,
    ),
  ];
  const changes = changesOf(live, defined);
  const metadata = present([
    changes.length > 0
      ? objection(
          'its metadata',
          `is not the same in the definition as in what runs: ${changes.join(', ')}`,
          'make both the same (virsh metadata, --live and --config)',
        )
      : undefined,
  ]);
  return { objections: [...disks, ...metadata], remarks };
}

const onlyRunning = (guest: string, { device, isRemovable }: Disk): string =>
  isRemovable
    ? `make both the same: virsh change-media ${shellWord(guest)} ${device} --eject --live, or --insert FILE --config`
    : `make it lasting (virsh attach-disk ${shellWord(guest)} … ${device} --config) or detach it`;

const onlyDefined = (guest: string, { device, isRemovable }: Disk): string =>
  isRemovable
    ? `make both the same: virsh change-media ${shellWord(guest)} ${device} --eject --config, or --insert FILE --live`
    : `attach it (virsh attach-disk ${shellWord(guest)} … ${device} --live), remove it from the definition (--config), or move it cold`;

/** Those of `mine` that are not among `theirs`. */
function lacking<T>(mine: readonly T[], theirs: readonly T[], nameOf: (of: T) => string): T[] {
  const names = new Set(theirs.map(nameOf));
  return mine.filter((one) => !names.has(nameOf(one)));
}

const diskName = ({ device, source }: Disk): string =>
  `${device} (${source.kind === 'network' ? `${source.protocol}:${source.name}` : source.path})`;

/** By its network or, where it has none, its bridge: the running guest's shows both. */
const portName = ({ mac, network, bridge }: Port): string =>
  `${mac} on ${network ?? bridge ?? 'nothing'}`;
