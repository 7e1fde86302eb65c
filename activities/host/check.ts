/** `host.check`: everything that drover needs of a host, or between two. */
import { checkHost } from '../../workflows/steps/host.js';
import { present } from '../../model/defined.js';
import { implement } from '../kit/implement.js';
import { hostChecks } from './host-checks.js';
import { pairChecks } from './pair-checks.js';
import { seeHost } from './seen.js';

/** A host that does not answer is an answer. */
export const checkHostActivity = implement(checkHost, ({ dataCentre, inventory }) => ({
  async run({ host, to }) {
    const names = present([host, to]);
    const seen = await Promise.all(names.map(async (name) => seeHost(await dataCentre.on(name))));
    const checks = seen.flatMap(hostChecks);
    const [from, target] = seen;
    const isSeen = seen.every(({ equipment }) => 'is' in equipment);
    if (!from || !target || !isSeen) return { checks };
    const vms = (await inventory.vms()).filter((vm) => vm.host === host);
    return { checks: [...checks, ...(await pairChecks(from, target, vms))] };
  },
}));
