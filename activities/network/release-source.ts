/** `network.releaseSource`. */
import { releaseSource } from '../../workflows/steps/network.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../guest/location.js';
import { unbindUnshared } from './unbinding.js';

/** Refuses unless the guest is the target's: its rules on the source are of no more use then. */
export const releaseSourceActivity = implement(releaseSource, (deps) => ({
  async run({ route, ports, power }) {
    const { source } = await requireOnTarget(deps, route, power);
    const { kept } = await unbindUnshared(source, route.uuid, ports);
    return { kept };
  },
  describe: ({ route, vm }) =>
    vm.ports.map(({ mac, tap }) => `remove the chains of ${mac} (${tap}) on ${route.source}`),
}));
