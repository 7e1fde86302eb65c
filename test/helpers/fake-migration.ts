/** A migration in the fake data centre, from the request to the outcome. */
import type { Deps } from '../../activities/kit/implement.js';
import { buildWorld, type DiskKind } from '../../drivers/fake/build.js';
import { fakeDataCentre, faulty, type Faults } from '../../drivers/fake/data-centre.js';
import { inMemoryInventory } from '../../inventory/in-memory.js';
import { snapshot, type FakeWorld } from '../../drivers/fake/world.js';
import type { Inventory } from '../../inventory/inventory.js';
import {
  ColdMigrationRequest,
  LiveMigrationRequest,
  type ColdMigrationInput,
  type LiveMigrationInput,
} from '../../model/migration.js';
import { type MigrationReport } from '../../model/report.js';
import type { Placement } from '../../model/placement.js';
import { HostName } from '../../model/ids.js';
import { DEFAULT_POLICY, type Policy } from '../../model/policy.js';
import { runSteps, type Outcome } from '../../workflows/kit/runner.js';
import { coldMigrationRunbook, moveCold } from '../../workflows/runbooks/cold-migration.js';
import { liveMigrationRunbook, moveLive } from '../../workflows/runbooks/live-migration.js';
import {
  codeNamed,
  contextOn,
  memoryEngine,
  type EngineScript,
  type MemoryEngine,
} from './memory-engine.js';

/** A device that each host has for itself. */
export const OWN_DEVICE = 'a block device of its own';

/** The guest that every fake test moves: `vm1` on h1. */
export const DISKS: Readonly<Record<string, readonly DiskKind[]>> = {
  'shared storage': ['shared'],
  volume: ['volume', 'lun'],
  block: ['local'],
  'mixed with a read-only ISO and a key': ['shared', 'volume', 'local', 'iso', 'key'],
  'block, with UEFI': ['local', 'nvram'],
  'block, with a TPM and a neighbour': ['local', 'tpm', 'neighbour'],
  [OWN_DEVICE]: ['device'],
  'block, with a snapshot': ['local', 'snapshot'],
};

/** libvirt moves no running guest with snapshots. */
export const SNAPSHOT = 'block, with a snapshot';
/** What can move live. */
export const LIVE_KINDS = Object.keys(DISKS).filter((kind) => kind !== SNAPSHOT);

/** A world with an inventory that knows it. */
export interface FakeSite {
  readonly world: FakeWorld;
  readonly inventory: Inventory;
  readonly faults: Faults;
  readonly deps: Deps;
  /** Puts another policy in force. */
  policy(policy: Policy): void;
  /** Hosts, guests, files, bindings, volumes and claims as plain data. */
  picture(): Promise<unknown>;
}

/** Builds the site and discovers its hosts, as an operator would. */
export async function buildSite(disks: readonly DiskKind[]): Promise<FakeSite> {
  const world = buildWorld([{ number: 1, name: 'vm1', host: 'h1', disks }]);
  const inventory = inMemoryInventory();
  const faults: Faults = { calls: [] };
  let policy = DEFAULT_POLICY;
  const deps: Deps = {
    dataCentre: fakeDataCentre(world, faults),
    inventory: faulty(inventory, 'inventory', faults),
    policy: () => Promise.resolve(policy),
  };
  for (const { record } of world.hosts.values()) await inventory.putHost(record);
  await inventory.putGroups([{ name: 'web', ingress: [{ protocol: 'icmp', from: '0.0.0.0/0' }] }]);
  const quiet = { ...deps, inventory, dataCentre: fakeDataCentre(world) };
  for (const host of world.hosts.keys())
    await codeNamed('host.discover', quiet).run({ host }, contextOn());
  faults.calls.length = 0;
  const picture = async () => ({
    world: snapshot(world),
    claims: await inventory.claims(),
    vms: (await inventory.vms()).map(({ name, host }) => ({ name, host })),
  });
  return {
    world,
    inventory,
    faults,
    deps,
    picture,
    policy: (next) => {
      policy = next;
    },
  };
}

/** What a step of vm1's move to h2 has: the drivers of both ends, and the guest as h1 has it. */
export async function endsOfMove(world: FakeWorld) {
  const [h1, h2] = [HostName.parse('h1'), HostName.parse('h2')];
  const hosts = fakeDataCentre(world);
  const [source, target] = await Promise.all([hosts.on(h1), hosts.on(h2)]);
  const [known] = world.hosts.get(h1)?.guests ?? [];
  if (!known) throw new Error('h1 has no guest');
  const [uuid, guest] = known;
  return { source, target, uuid, guest };
}

/** What came of a migration. */
export interface Ran {
  readonly outcome: Outcome<MigrationReport>;
  readonly engine: MemoryEngine;
}

const FACTS = {
  migrationId: 'migration-1',
  setSubject: () => undefined,
  isCancelRequested: () => false,
};
/** What a test asks for, unless it says otherwise. */
export const ASKED = {
  vm: 'vm1',
  target: 'h2',
  requestedBy: 'test',
  reason: 'test',
  // So that all steps are in every run; what is not asked for is tried in secrets.contract.
  isCarryingSecrets: true,
} as const;

/** A script, and where the guest is to be on its target. */
export type MoveScript = EngineScript & { readonly placement?: Placement };

/** Moves vm1 live to h2, unless the request says otherwise. */
export async function migrate(
  site: FakeSite,
  script: MoveScript = {},
  request: Partial<LiveMigrationInput> = {},
): Promise<Ran> {
  const engine = memoryEngine(site.deps, liveMigrationRunbook, script);
  const parsed = LiveMigrationRequest.parse({ ...ASKED, ...request });
  const outcome = await runSteps(engine, parsed, (run) =>
    moveLive(run, parsed, { ...FACTS, placement: script.placement }),
  );
  return { outcome, engine };
}

/** Moves vm1 cold to h2 and decides at once, unless the script says otherwise. */
export async function migrateCold(
  site: FakeSite,
  script: MoveScript & { readonly decide?: 'confirm' | 'revert' } = {},
  request: Partial<ColdMigrationInput> = {},
): Promise<Ran> {
  const engine = memoryEngine(site.deps, coldMigrationRunbook, script);
  const parsed = ColdMigrationRequest.parse({ ...ASKED, ...request });
  const choice = script.decide ?? 'confirm';
  const window = () => Promise.resolve({ choice, by: 'test', reason: 'test' } as const);
  const outcome = await runSteps(engine, parsed, (run) =>
    moveCold(run, parsed, {
      ...FACTS,
      placement: script.placement,
      window,
      throwIfCancelled: () => undefined,
    }),
  );
  return { outcome, engine };
}

/** As {@link migrateCold}, with its disks copied while it still runs. */
export const migrateWarm: typeof migrateCold = (site, script, request) =>
  migrateCold(site, script, { options: { isWarm: true }, ...request });
