/** `definition.render` and its undo. */
import { defined } from '../../model/defined.js';
import { render } from '../../workflows/steps/definition.js';
import { endsOf, implement } from '../kit/implement.js';
import { readNow } from './as-read.js';
import { digestOf, renderFor } from './rendering.js';

/** L5 F14. The texts stay between the hosts; a history gets their digests. */
export const renderActivity = implement(render, (deps) => ({
  async run({ route, ports, disks, ejected, seen, isLive }) {
    const ends = await endsOf(deps, route);
    // Before it is rendered: what changes between the two counts as changed.
    const asRead = await readNow(ends.source, route);
    const { live, persistent, isPersistent, changes, dropped } = await renderFor(ends, {
      route,
      ports,
      disks,
      ejected,
      seen,
    });
    const { rendered } = ends.target;
    await rendered.put(route.migrationId, 'persistent', persistent);
    if (isLive && live) await rendered.put(route.migrationId, 'live', live);
    const digests = {
      persistent: digestOf(persistent),
      ...defined({ live: isLive && live ? digestOf(live) : undefined }),
    };
    const told = { changes: [...changes], dropped: [...dropped] };
    return { digests, ejected, seen, isPersistent, ...told, asRead };
  },
  async undo({ route }) {
    const { target } = await endsOf(deps, route);
    await target.rendered.remove(route.migrationId);
  },
  async describe({ route, vm, disks }) {
    const { changes, dropped } = await renderFor(await endsOf(deps, route), {
      route,
      ports: vm.ports,
      disks,
      ejected: vm.ejected,
    });
    return [...changes, ...dropped];
  },
}));
