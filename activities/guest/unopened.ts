/** Nobody has the guest's volumes open: what a host that does not answer cannot say, the storage itself may. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { Disk, NetworkSource } from '../../model/storage.js';
import type { StepContext } from '../kit/implement.js';
import { until } from '../kit/until.js';

/** Ceph forgets a client that died after half a minute (osd_client_watch_timeout): the step's attempts together wait longer. */
const FORGETTING = { everyMs: 1000, forMs: 10_000 };

/** A volume of one guest's alone with who has it open to write, as its storage tells. */
export interface Told {
  readonly device: string;
  readonly name: string;
  readonly by: readonly string[];
}

/** Of the others nothing is told. */
export async function toldOf({ storage }: HostDrivers, disks: readonly Disk[]): Promise<Told[]> {
  const told: Told[] = [];
  for (const disk of disks) {
    const { device, source, isReadOnly, isShareable } = disk;
    if (source.kind !== 'network' || isReadOnly || isShareable) continue;
    const by = await storage.kindOf(disk).openers(disk);
    if (by) told.push({ device, name: nameOf(source), by });
  }
  return told;
}

const nameOf = ({ protocol, name }: NetworkSource): string => `${protocol}:${name}`;

/** Asked before a guest is started. @throws VOLUME_IN_USE */
export async function requireUnopened(
  context: Pick<StepContext, 'pause' | 'nowMs'>,
  host: HostDrivers,
  guest: string,
  disks: readonly Disk[],
): Promise<void> {
  let opened: Told[] = [];
  await until(context, FORGETTING, async () => {
    opened = (await toldOf(host, disks)).filter(({ by }) => by.length > 0);
    return opened.length === 0 ? true : undefined;
  });
  if (opened.length === 0) return;
  const which = opened.map(({ device, name, by }) => `${device} (${name}) by ${by.join(', ')}`);
  throw new CodedError(
    'VOLUME_IN_USE',
    `${guest} is not started on ${host.host.name}: its volumes are open, ${which.join('; ')}`,
    {
      hint: `Find out which guest or tool that is (rbd status), end it and retry. If it cannot write any more, start ${guest} by hand (virsh start) and retry.`,
      facts: { opened: which },
    },
  );
}
