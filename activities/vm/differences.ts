/** Differences between a running guest and its definition. */
import { present } from '../../model/defined.js';
import type { DomainFacts } from '../../guest/xml/domain.js';
import type { Port } from '../../model/network.js';
import { objection, type Objection } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';
import { changesOf } from './owned.js';
import type { Disk } from '../../model/storage.js';

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
