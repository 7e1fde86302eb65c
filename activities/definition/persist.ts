/** `definition.persist`: the domain and its files are the target's for good. */
import { persist } from '../../workflows/steps/definition.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../guest/location.js';
import { relistOnTarget } from '../disks/pools.js';
import { keepDevices } from '../disks/into-devices.js';
import { pathsOf } from '../disks/files.js';
import { renderedOf } from './rendering.js';

/** L5 F14. The source must not start its old copy at a reboot, so its autostart goes first. */
export const persistActivity = implement(persist, (deps) => ({
  async run(input) {
    const { route, disks, isPersistent, isAutostart } = input;
    const ends = await requireOnTarget(deps, route);
    const { source, target } = ends;
    if (isAutostart && (await source.hypervisor.find(route.uuid)))
      await source.hypervisor.setAutostart(route.uuid, false);
    if (isPersistent) {
      await target.hypervisor.define(await renderedOf(ends, input, 'persistent'));
      if (isAutostart) await target.hypervisor.setAutostart(route.uuid, true);
    }
    const paths = pathsOf(disks);
    if (paths.length > 0) await target.storage.files.keep(paths);
    await keepDevices(target, route, disks);
    // After the marks are gone: libvirt would list them as volumes.
    await relistOnTarget(target, disks);
    return {};
  },
  describe: ({ route }) => [`virDomainDefineXMLFlags on ${route.target}`],
}));
