/** `target.schedule`: fresh facts of every host, then the pure choice. */
import type { z } from 'zod';
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { KnownHost } from '../../inventory/inventory.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { HostFacts } from '../../model/host.js';
import type { HostPath } from '../../model/ids.js';
import { fileOf, folderOf } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { choose, type Candidate } from '../../scheduler/choose.js';
import { schedule } from '../../workflows/steps/target.js';
import { implement, type Deps } from '../kit/implement.js';

/** F4 F5. Host facts are read anew, all hosts at once: an old figure is how B5 happens. */
export const scheduleActivity = implement(schedule, (deps) => ({
  async run({ vm, target, move }) {
    const { inventory } = deps;
    const [hosts, vms, claims] = await Promise.all([
      inventory.hosts(),
      inventory.vms(),
      inventory.claims(),
    ]);
    const [sizes, ...candidates] = await Promise.all([
      sizesOfFiles(deps, vm),
      ...hosts.map(async (known): Promise<Candidate> => {
        const { name } = known.host;
        const mine = claims.filter((claim) => claim.host === name);
        return {
          host: known.host,
          ...(await see(deps, known, { vm, target, move })),
          guests: vms.filter((guest) => guest.host === name),
          claimed: {
            memoryBytes: mine.reduce((sum, claim) => sum + claim.memoryBytes, 0),
            vcpus: mine.reduce((sum, claim) => sum + claim.vcpus, 0),
          },
        };
      }),
    ]);
    const choice = choose(vm, candidates, target);
    if ('target' in choice) {
      const rooms = candidates.find(({ host }) => host.name === choice.target)?.seen?.rooms ?? {};
      return { ...choice, diskBytes: bytesOnLocalDisks(sizes, rooms) };
    }
    throw new CodedError(
      'NO_TARGET',
      `no host can take ${vm.name}: ${choice.refusals.map(({ host, reason }) => `${host}: ${reason}`).join('; ')}`,
      {
        hint: 'Free what is missing on one of them, or register another host (drover hosts add).',
        facts: { hosts: choice.refusals.map(({ host, reason }) => `${host}: ${reason}`) },
      },
    );
  },
}));

/** Asks one host. One that cannot be asked is an objection; the one that was asked for fails the step, and is asked again. */
async function see(
  { dataCentre, inventory }: Deps,
  { host }: KnownHost,
  { vm, target, move }: z.output<typeof schedule.input>,
): Promise<Pick<Candidate, 'seen' | 'unreachable'>> {
  if (host.name === vm.host || host.state !== 'enabled') return {};
  try {
    const drivers = await dataCentre.on(host.name);
    const [facts, cpu, rooms] = await Promise.all([
      readFacts(drivers),
      compareCpu(drivers, vm, move),
      readRooms(drivers, vm),
    ]);
    await inventory.putFacts(host.name, facts);
    return { seen: { facts, cpu, rooms } };
  } catch (error) {
    if (host.name === target) throw error;
    return { unreachable: messageOf(error) };
  }
}

/** What is on a host now. */
export async function readFacts({ hypervisor, network }: HostDrivers): Promise<HostFacts> {
  const [facts, bridges] = await Promise.all([hypervisor.facts(), network.bridges()]);
  return { ...facts, bridges };
}

/**
 * Whether a host's hypervisor can give the guest its CPU. A domain without a `<cpu>` takes any, and so does one that
 * takes its host's CPU, when it is started anew.
 */
export const compareCpu = async ({ hypervisor }: HostDrivers, vm: Vm, move: 'live' | 'cold') => {
  const takesHosts = /^<cpu\s[^>]*mode=['"](?:host-model|host-passthrough|maximum)['"]/.test(
    vm.cpuXml,
  );
  return !vm.cpuXml || (move === 'cold' && takesHosts)
    ? ('superset' as const)
    : hypervisor.compareCpu(vm);
};

const foldersOf = (vm: Vm): HostPath[] => [
  ...new Set(vm.disks.flatMap((disk) => fileOf(disk) ?? []).map(folderOf)),
];

async function readRooms(
  { storage }: HostDrivers,
  vm: Vm,
): Promise<NonNullable<Candidate['seen']>['rooms']> {
  const folders = foldersOf(vm);
  const rooms = await Promise.all(folders.map((folder) => storage.files.room(folder)));
  return Object.fromEntries(
    folders.map((folder, index) => [folder, rooms[index] as NonNullable<(typeof rooms)[0]>]),
  );
}

interface FileSize {
  readonly folder: HostPath;
  readonly bytes: number;
}

/** The capacity of each disk that is a file, as the host has it where the guest is. */
async function sizesOfFiles({ dataCentre }: Deps, vm: Vm): Promise<FileSize[]> {
  const { storage } = await dataCentre.on(vm.host);
  const sizes = vm.disks.map(async (disk) => {
    const file = fileOf(disk);
    if (!file) return [];
    const { capacityBytes } = await storage.kindOf(disk).inspect(disk);
    return [{ folder: folderOf(file), bytes: capacityBytes }];
  });
  return (await Promise.all(sizes)).flat();
}

/** Disk that the claim reserves: what lies on filesystems that are not network ones may have to be copied. */
const bytesOnLocalDisks = (
  sizes: readonly FileSize[],
  rooms: NonNullable<Candidate['seen']>['rooms'],
): number =>
  sizes
    .filter(({ folder }) => rooms[folder]?.isNetworkFilesystem === false)
    .reduce((sum, { bytes }) => sum + bytes, 0);
