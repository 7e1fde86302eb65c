/** `source.discard`: the end of a confirmed cold migration on the source. */
import { movesOf } from '../disks/orders.js';
import { pathsOf } from '../disks/files.js';
import type { Attached } from '../../drivers/interfaces/hypervisor/definitions.js';
import { overlayOf } from '../../model/overlay.js';
import { HostPath } from '../../model/ids.js';
import { asideOf, copiedDisks, folderOf, setAsidesOf, surplusFiles } from '../../model/storage.js';
import { discardSource } from '../../workflows/steps/source.js';
import { relistOnSource, relistOnTarget } from '../disks/pools.js';
import { devicesLeft, keepDevices } from '../disks/into-devices.js';
import { keepState } from '../disks/state.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../guest/location.js';
import { goneFrom } from './gone.js';
import { requireStillMoved } from './still-moved.js';
import { removeUnlessUsed } from './surplus.js';

/** What goes with the definition: on the target all of it has its own. */
const OWN: readonly Attached[] = ['snapshots', 'checkpoints', 'TPM state'];

/** On shared storage nothing is left aside: the transfer has renamed it back. */
export const discardSourceActivity = implement(discardSource, (deps) => ({
  async run({ route, power, disks, state, snapshotFiles, left, isSavedStateDiscarded }) {
    const { source, target } = await requireOnTarget(deps, route, power);
    await target.storage.files.keep([
      ...pathsOf(disks),
      ...snapshotFiles,
      ...snapshotFiles.map(folderOf),
    ]);
    // After the marks are gone: libvirt would list them as volumes.
    await relistOnTarget(target, disks);
    await keepDevices(target, route, disks);
    await keepState(target, state);
    const asides = setAsidesOf(copiedDisks(disks), route);
    const expected = surplusFiles(disks, route).map((path) => ({
      path: asideOf(path, asides),
      before: path,
    }));
    const gone = await goneFrom(source, route, expected);
    const askAgain = () => requireStillMoved(deps, route, power);
    await askAgain();
    await source.hypervisor.undefine(
      route.uuid,
      isSavedStateDiscarded ? [...OWN, 'managed save'] : OWN,
    );
    // Each file, and what flattening and a warm copy left beside it.
    const files = surplusFiles(disks, route).flatMap((path) => [
      asideOf(path, asides),
      asideOf(overlayOf(path, route.migrationId), asides),
      HostPath.parse(`${asideOf(path, asides)}.flat-${route.migrationId}`),
    ]);
    const folders = asides.map(({ to }) => to);
    // Elsewhere it may be on storage that the target shares: there it stays.
    const memory = snapshotFiles.map((path) => ({ path, aside: asideOf(path, asides) }));
    const moved = memory.filter(({ path, aside }) => aside !== path).map(({ aside }) => aside);
    const stays = memory.filter(({ path, aside }) => aside === path).map(({ path }) => path);
    const paths = [...files, ...moved, ...folders];
    const kept = await removeUnlessUsed(deps, source, route, paths, { askAgain, left });
    await relistOnSource(source, disks);
    const memories = stays.map((path) => `${path}, a snapshot’s memory`);
    return { kept: [...kept, ...memories, ...devicesLeft(route, disks)], gone };
  },
  describe(planned) {
    const { route, disks } = planned;
    const moved = new Set(movesOf(planned).map(({ to }) => to));
    return [
      `after confirm: virDomainUndefineFlags on ${route.source}`,
      ...setAsidesOf(disks, route)
        .filter(({ to }) => !moved.has(to))
        .map(({ to }) => `after confirm: rm ${to}`),
    ];
  },
}));
