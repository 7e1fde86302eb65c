/** Runbooks beside the migrations pass the contract of those that only go forward. */
import { Host } from '../../model/host.js';
import { HostName, MigrationId } from '../../model/ids.js';
import { SecurityGroup } from '../../model/network.js';
import { stepsOf } from '../../workflows/engine/runbook.js';
import { runSteps } from '../../workflows/kit/runner.js';
import { applyGroupsRunbook, applyToAll } from '../../workflows/runbooks/apply-groups.js';
import { checkHostRunbook, checkOne } from '../../workflows/runbooks/check-host.js';
import { removeHostRunbook, removeOne } from '../../workflows/runbooks/remove-host.js';
import { registerHostRunbook, registerOne } from '../../workflows/runbooks/register-host.js';
import { hostOf } from '../../drivers/fake/world.js';
import { buildSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn, memoryEngine } from '../helpers/memory-engine.js';
import { forwardContractOf } from './suites/runbook.js';

const BY = { requestedBy: 'test', reason: 'test' };
const GROUPS = [SecurityGroup.parse({ name: 'web', ingress: [{ protocol: 'tcp', ports: '80' }] })];
const FORWARD = { onFailure: 'rollback' } as const;

forwardContractOf({
  what: 'registering a host',
  steps: stepsOf(registerHostRunbook),
  build: () => buildSite(['shared']),
  async start(site, script) {
    const { record } = hostOf(site.world, HostName.parse('h1'));
    const host = Host.parse({ ...record, vcpuRatio: 2 });
    const engine = memoryEngine(site.deps, registerHostRunbook, script);
    const outcome = await runSteps(engine, FORWARD, (run) => registerOne(run, { host, ...BY }));
    return { outcome, engine };
  },
});

forwardContractOf({
  what: 'removing a host',
  steps: stepsOf(removeHostRunbook),
  build: () => buildSite(['shared']),
  async start(site, script) {
    const engine = memoryEngine(site.deps, removeHostRunbook, script);
    const host = HostName.parse('h3');
    const outcome = await runSteps(engine, FORWARD, (run) => removeOne(run, { host, ...BY }));
    return { outcome, engine };
  },
});

it('one machine under two names is refused: each of its guests would seem to run twice', async () => {
  const site = await buildSite(['shared']);
  const twin = HostName.parse('h3');
  hostOf(site.world, twin).facts = hostOf(site.world, HostName.parse('h1')).facts;

  await expect(
    codeNamed('host.discover', site.deps).run({ host: twin }, contextOn()),
  ).rejects.toThrow(/h3 is h1: libvirt has the host UUID host h1 under both names/);
});

it('a host that a guest is on its way to stays known', async () => {
  const site = await buildSite(['shared']);
  const { uuid, memoryBytes, vcpus } = await site.inventory.vm('vm1');
  const host = HostName.parse('h2');
  const migrationId = MigrationId.parse('m1');
  await site.inventory.take({ migrationId, vm: uuid, host, memoryBytes, vcpus, diskBytes: 0 });

  for (const name of ['h1', 'h2'])
    await expect(
      codeNamed('host.forget', site.deps).run({ host: HostName.parse(name) }, contextOn()),
    ).rejects.toThrow(/vm1 is on its way to or from/);
});

forwardContractOf({
  what: 'applying security groups',
  steps: stepsOf(applyGroupsRunbook),
  build: () => buildSite(['shared']),
  async start(site, script) {
    const engine = memoryEngine(site.deps, applyGroupsRunbook, script);
    const outcome = await runSteps(engine, FORWARD, (run) =>
      applyToAll(run, { groups: GROUPS, ...BY }, 'groups'),
    );
    return { outcome, engine };
  },
});

forwardContractOf({
  what: 'checking a pair of hosts',
  steps: stepsOf(checkHostRunbook),
  build: () => buildSite(['shared']),
  async start(site, script) {
    const engine = memoryEngine(site.deps, checkHostRunbook, script);
    const pair = { host: HostName.parse('h1'), to: HostName.parse('h2') };
    const outcome = await runSteps(engine, FORWARD, (run) => checkOne(run, { ...pair, ...BY }));
    return { outcome, engine };
  },
});
