/** `target.schedule`: fresh facts of every host, then the pure choice. */
import type { KnownHost } from '../../inventory/inventory.js';
import { CodedError } from '../../model/errors.js';
import type { HostName, HostPath } from '../../model/ids.js';
import { folderOf, targetFileOf } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { choose, type Candidate } from '../../planning/choose-target.js';
import { schedule } from '../../workflows/steps/target.js';
import { implement, type Deps } from '../kit/implement.js';
import { lookout } from './candidates.js';

/**
 * Reads the facts of the hosts again: with old figures a host that is full would be chosen. If a target was requested, the others are
 * asked only when it does not fit, to name alternatives: a fleet may be large, and one of its hosts slow.
 */
export const scheduleActivity = implement(schedule, (deps) => ({
  async run(asked) {
    const { vm, target } = asked;
    const look = await lookout(deps, asked);
    const isMeant = ({ host }: KnownHost) => target === undefined || host.name === target;
    const [sizes, meant] = await Promise.all([sizesOfFiles(deps, vm), look(isMeant)]);
    let choice = choose(vm, meant, target);
    if ('refusals' in choice && target !== undefined)
      choice = choose(vm, [...meant, ...(await look((known) => !isMeant(known)))], target);
    if ('refusals' in choice) throw refused(vm, choice.refusals);
    const { target: chosen } = choice;
    const rooms = meant.find(({ host }) => host.name === chosen)?.seen?.rooms ?? {};
    return { ...choice, diskBytes: bytesOnLocalDisks(sizes, rooms) };
  },
}));

function refused(vm: Vm, refusals: readonly { host: HostName; reason: string }[]): CodedError {
  const hosts = refusals.map(({ host, reason }) => `${host}: ${reason}`);
  return new CodedError('NO_TARGET', `no host can take ${vm.name}: ${hosts.join('; ')}`, {
    hint: 'Free what is missing on one of them, or register another host (drover hosts add).',
    facts: { hosts },
  });
}

interface FileSize {
  readonly folder: HostPath;
  readonly bytes: number;
}

/** The capacity of each disk that is a file, as the host has it where the guest is. */
async function sizesOfFiles({ dataCentre }: Deps, vm: Vm): Promise<FileSize[]> {
  const { storage } = await dataCentre.on(vm.host);
  const sizes = vm.disks.map(async (disk) => {
    const file = targetFileOf(disk);
    if (!file) return [];
    const { capacityBytes } = await storage.kindOf(disk).inspect(disk);
    return [{ folder: folderOf(file), bytes: capacityBytes }];
  });
  return (await Promise.all(sizes)).flat();
}

/** Disk space that the claim reserves: files that are not on network filesystems may have to be copied. */
const bytesOnLocalDisks = (
  sizes: readonly FileSize[],
  rooms: NonNullable<Candidate['seen']>['rooms'],
): number =>
  sizes
    .filter(({ folder }) => rooms[folder]?.isNetworkFilesystem === false)
    .reduce((sum, { bytes }) => sum + bytes, 0);
