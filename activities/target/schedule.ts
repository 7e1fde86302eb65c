/** `target.schedule`: fresh facts of every host, then the pure choice. */
import type { z } from 'zod';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { KnownHost } from '../../inventory/inventory.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { HostFacts } from '../../model/host.js';
import type { HostName, HostPath } from '../../model/ids.js';
import { fileOf, folderOf } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { choose, type Candidate } from '../../planning/choose-target.js';
import { schedule } from '../../workflows/steps/target.js';
import { implement, type Deps } from '../kit/implement.js';

/**
 * F4 F5. Host facts are read anew: an old figure is how B5 happens. If a target was asked for, the others are asked
 * only when it cannot be had, to say what could be taken instead: a fleet may be large, and one of its hosts slow.
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

/** Looks at hosts, all at once, with what the inventory knows of their guests and claims. */
async function lookout(deps: Deps, asked: z.output<typeof schedule.input>) {
  const { inventory } = deps;
  const [hosts, vms, claims] = await Promise.all([
    inventory.hosts(),
    inventory.vms(),
    inventory.claims(),
  ]);
  const candidateOf = async (known: KnownHost): Promise<Candidate> => {
    const { host } = known;
    const mine = claims.filter((claim) => claim.host === host.name);
    return {
      host,
      ...(await see(deps, known, asked)),
      guests: vms.filter((guest) => guest.host === host.name),
      claimed: {
        memoryBytes: mine.reduce((sum, claim) => sum + claim.memoryBytes, 0),
        vcpus: mine.reduce((sum, claim) => sum + claim.vcpus, 0),
      },
    };
  };
  return (isWanted: (known: KnownHost) => boolean) =>
    Promise.all(hosts.filter(isWanted).map(candidateOf));
}

function refused(vm: Vm, refusals: readonly { host: HostName; reason: string }[]): CodedError {
  const hosts = refusals.map(({ host, reason }) => `${host}: ${reason}`);
  return new CodedError('NO_TARGET', `no host can take ${vm.name}: ${hosts.join('; ')}`, {
    hint: 'Free what is missing on one of them, or register another host (drover hosts add).',
    facts: { hosts },
  });
}

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
  const [facts, bridges, networks] = await Promise.all([
    hypervisor.facts(),
    network.bridges(),
    hypervisor.networks(),
  ]);
  return { ...facts, bridges, networks };
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
