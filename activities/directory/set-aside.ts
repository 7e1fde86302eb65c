/** `directory.setAside` and its undo. */
import { CodedError } from '../../model/errors.js';
import { reversed, setAsidesOf } from '../../model/storage.js';
import { setAside } from '../../workflows/steps/directory.js';
import { imagesOf, requireTops } from '../disks/layers.js';
import { overlaysOf } from '../disks/orders.js';
import { stateFilesOf } from '../disks/state.js';
import { variablesOf, waysBackOf } from '../disks/way-back.js';
import { devicesSeen } from '../disks/way-back-devices.js';
import { byContent } from '../guest/arrived.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget, requireOff } from '../guest/location.js';
import { freeAmong, knownFreeRenames } from '../host/free.js';
import { UNCLEAR_USES } from '../storage/ownership.js';

/** Refuses while the guest is on, or while another guest uses one of the files. */
export const setAsideActivity = implement(setAside, (deps) => ({
  async run({ route, disks, copies, state, isWarm, accepted }) {
    const { source } = await endsOf(deps, route);
    await requireOff(source, route);
    if (isWarm !== undefined)
      await requireTops(
        source,
        route,
        'inactive',
        imagesOf(disks, isWarm ? overlaysOf({ route, disks, copies }) : []),
      );
    const asides = setAsidesOf(disks, route);
    const { used } = await freeAmong(
      source,
      route.uuid,
      asides.map(({ from }) => from),
      { isUnclearFree: accepted.includes(UNCLEAR_USES) },
    );
    for (const [path, by] of used)
      throw new CodedError('FILE_IN_USE', `${path} is in use by ${by}, so it is not set aside`, {
        hint: 'The other guest began to use it after the checks. Give that guest its own copy.',
        facts: { path },
      });
    const renames = knownFreeRenames(asides, 'the others were asked above');
    if (renames.length > 0) await source.storage.files.rename(renames);
    const small = [
      ...(await stateFilesOf(source, state)),
      ...variablesOf({ route, disks, copies }),
    ];
    const left = await byContent(source, waysBackOf({ route, disks, copies }));
    for (const file of await byContent(source, small))
      left.push({ ...file, sha256: await source.storage.files.sha256(file.path) });
    left.push(...(await devicesSeen(source, { route, disks, copies })));
    return { renamed: asides.map(({ to }) => to), left };
  },
  async undo({ route, disks }) {
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const backs = knownFreeRenames(
      setAsidesOf(disks, route).map(reversed),
      'the names are those that the step has given',
    );
    if (backs.length > 0) await source.storage.files.rename(backs);
  },
  describe: ({ route, disks }) =>
    setAsidesOf(disks, route).map(({ from, to }) => `on ${route.source}: mv ${from} ${to}`),
}));
