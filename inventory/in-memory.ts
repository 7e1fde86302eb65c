/** The inventory in memory, for tests that run runbooks by the thousand; the same contract test holds it to the real one. */
import type { Inventory } from './inventory.js';
import type { KnownHost } from './rows.js';
import type { Claim } from '../model/claim.js';
import { CodedError } from '../model/errors.js';
import type { SecurityGroup } from '../model/network.js';
import type { Vm } from '../model/vm.js';
import { capacityOf } from '../model/capacity.js';

/** An empty inventory. */
export function inMemoryInventory(): Inventory {
  const hosts = new Map<string, KnownHost>();
  const vms = new Map<string, Vm & { seenAt: string }>();
  const claims = new Map<string, Claim>();
  const groups = new Map<string, SecurityGroup>();
  const requests = new Map<string, string>();
  const host = async (name: string) => {
    const known = hosts.get(name);
    if (!known) throw new CodedError('HOST_UNKNOWN', `no host ${name} in the inventory`);
    return known;
  };
  const forget = (name: string, seen: readonly string[]) => {
    for (const [uuid, vm] of [...vms])
      if (vm.host === name && !seen.includes(uuid)) vms.delete(uuid);
  };
  return {
    hosts: async () => [...hosts.values()],
    host,
    putHost: async (record) =>
      void hosts.set(record.name, { ...hosts.get(record.name), host: record }),
    putFacts: async (name, facts) =>
      void hosts.set(name, { ...(await host(name)), facts, seenAt: 'now' }),
    removeHost: async (name) => {
      forget(name, []);
      hosts.delete(name);
    },
    vms: async () => [...vms.values()],
    vm: async (wanted) => {
      const found = vms.get(wanted) ?? [...vms.values()].find(({ name }) => name === wanted);
      if (!found) throw new CodedError('VM_UNKNOWN', `no VM ${wanted} in the inventory`);
      const { seenAt: _seenAt, ...vm } = found;
      return vm;
    },
    putVm: async (vm) => void vms.set(vm.uuid, { ...vm, seenAt: 'now' }),
    forgetOthers: async (name, seen) => forget(name, seen),
    claims: async () => [...claims.values()],
    take: async (claim) => {
      requireRoom(claim, await host(claim.host), [...claims.values()], [...vms.values()]);
      claims.set(claim.migrationId, claim);
    },
    release: async (migrationId) => void claims.delete(migrationId),
    takeRequest: async (seal, runId) => {
      const first = requests.get(seal) ?? runId;
      requests.set(seal, first);
      return first;
    },
    groups: async () => [...groups.values()],
    putGroups: async (list) => list.forEach((group) => groups.set(group.name, group)),
  };
}

/** @throws MIGRATION_OPEN; TARGET_FULL */
function requireRoom(
  claim: Claim,
  known: KnownHost,
  claims: readonly Claim[],
  vms: readonly Vm[],
): void {
  const others = claims.filter(({ migrationId }) => migrationId !== claim.migrationId);
  if (others.some(({ vm }) => vm === claim.vm))
    throw new CodedError('MIGRATION_OPEN', 'another migration of this VM is open');
  const spoken = [...others, ...vms.filter(({ uuid }) => uuid !== claim.vm)].filter(
    (one) => one.host === claim.host,
  );
  for (const what of ['memoryBytes', 'vcpus'] as const) {
    const capacity = known.facts ? capacityOf(known.host, known.facts)[what] : 0;
    const free = capacity - spoken.reduce((sum, one) => sum + one[what], 0);
    if (free < claim[what])
      throw new CodedError('TARGET_FULL', `${claim.host} cannot take the guest`);
  }
}
