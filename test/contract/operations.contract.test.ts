/** Runbooks beside the migrations pass the contract of those that only go forward. */
import { Host } from '../../model/host.js';
import { HostName } from '../../model/ids.js';
import { SecurityGroup } from '../../model/network.js';
import { stepsOf } from '../../workflows/engine/runbook.js';
import { runSteps } from '../../workflows/kit/runner.js';
import { applyGroupsRunbook, applyToAll } from '../../workflows/runbooks/apply-groups.js';
import { checkHostRunbook, checkOne } from '../../workflows/runbooks/check-host.js';
import { registerHostRunbook, registerOne } from '../../workflows/runbooks/register-host.js';
import { hostOf } from '../../drivers/fake/world.js';
import { buildSite } from '../helpers/fake-migration.js';
import { memoryEngine } from '../helpers/memory-engine.js';
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
