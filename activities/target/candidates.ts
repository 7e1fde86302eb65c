/** The hosts that could be the target, as the choice needs to see them. */
import type { z } from 'zod';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { KnownHost } from '../../inventory/rows.js';
import { messageOf } from '../../model/errors.js';
import { defined } from '../../model/defined.js';
import type { HostName, HostPath } from '../../model/ids.js';
import { decide, objectionToClear, type Policy } from '../../model/policy.js';
import { placed } from '../../model/placement.js';
import { folderOf, poolsOf, targetFileOf } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import type { Candidate } from '../../planning/choose-target.js';
import { placementBy, poolObjections } from '../../planning/placement.js';
import type { schedule } from '../../workflows/steps/target.js';
import type { Deps } from '../kit/implement.js';
import { readFacts, compareCpu } from '../host/facts.js';

/** Looks at hosts, all at once, with what the inventory knows of their guests and claims. */
export async function lookout(deps: Deps, asked: z.output<typeof schedule.input>) {
  const { inventory } = deps;
  const [hosts, vms, claims] = await Promise.all([
    inventory.hosts(),
    inventory.vms(),
    inventory.claims(),
  ]);
  const rights = await deps.policy();
  const candidateOf = async (known: KnownHost): Promise<Candidate> => {
    const { host } = known;
    const forbidden = forbiddenBy(rights, asked, host.name);
    const mine = claims.filter((claim) => claim.host === host.name);
    const seen = forbidden === undefined ? await see(deps, known, asked) : defined({ forbidden });
    return {
      host,
      ...seen,
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

/** How. */
const ENCRYPT = { live: 'say --tls', cold: 'omit --plain' } as const;

/** Whoever may not name a host does not get it by naming none (S17). */
function forbiddenBy(
  policy: Policy,
  { vm, move, requestedBy, isEncrypted = true }: z.output<typeof schedule.input>,
  host: HostName,
): string | undefined {
  const { project } = vm;
  const why = objectionToClear(policy, { project, hosts: [vm.host, host], isEncrypted });
  if (why !== undefined) return `${why}: ${ENCRYPT[move]}`;
  if (requestedBy === undefined) return undefined;
  const verdict = decide(policy, { user: requestedBy, project, move, host });
  return 'allowedBy' in verdict ? undefined : `the policy does not give it to ${requestedBy}`;
}

/** Asks one host. A host that does not answer becomes an objection; if it is the requested one, the step fails and is retried. */
async function see(
  { dataCentre, inventory }: Deps,
  { host }: KnownHost,
  { vm: asked, target, move, maps }: z.output<typeof schedule.input>,
): Promise<Pick<Candidate, 'seen' | 'unreachable' | 'placement'>> {
  if (host.name === asked.host || host.state !== 'enabled') return {};
  try {
    const drivers = await dataCentre.on(host.name);
    const lists = [maps, host.maps ?? []];
    const pools = poolsOf(asked.disks).here.length > 0 ? await drivers.hypervisor.pools() : [];
    const placement = placementBy(asked, lists, pools);
    const vm = placed(asked, placement);
    const lackingPools = poolObjections(asked, lists, placement, pools);
    const [facts, rooms] = await Promise.all([readFacts(drivers), readRooms(drivers, vm)]);
    const here = () => dataCentre.on(asked.host);
    const cpu = await compareCpu(here, drivers, facts, { vm, move });
    await inventory.putFacts(host.name, facts);
    return { seen: { facts, cpu, rooms, lackingPools }, placement };
  } catch (error) {
    if (host.name === target) throw error;
    return { unreachable: messageOf(error) };
  }
}

const foldersOf = (vm: Vm): HostPath[] => [
  ...new Set(vm.disks.flatMap((disk) => targetFileOf(disk) ?? []).map(folderOf)),
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
