/** `disks.precopy` and its undo: the warm part of a cold migration (B1, B3). */
import { powerOf } from '../../model/vm.js';
import { overlayOf } from '../../model/overlay.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Overlay } from '../../drivers/interfaces/hypervisor/power.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { folderOf } from '../../model/storage.js';
import type { Planned } from '../../workflows/kit/shapes.js';
import { precopy } from '../../workflows/steps/disks.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { copiedOf, overlaysOf, warmOrdersOf, type Copies } from './orders.js';
import { pathOf } from './files.js';
import { copyAll, removeCopies } from './copying.js';
import { requireTops, type Expected } from './layers.js';
import { putChainBack } from './overlays-back.js';

/** The overlays first: from then on the disks' own files stand still. */
export const precopyActivity = implement(precopy, (deps) => ({
  async run(input, context) {
    if (!input.isWarm) return { copiedBytes: 0 };
    const { source, target } = await endsOf(deps, input.route);
    const overlays = overlaysOf(input);
    const { route } = input;
    await refuseCheckpoints(source, route);
    await requireTops(source, route, 'live', await expectedOf(source, overlays));
    await requireRoom(source, input);
    if (overlays.length > 0) await source.hypervisor.addOverlays(route.uuid, overlays);
    const copiedBytes = await copyAll(target, warmOrdersOf(input), context);
    // The next step ends the guest: what it writes above the overlays would have to be brought as well.
    const tops = overlays.map(({ device, overlay }) => ({ device, oneOf: [overlay] }));
    for (const view of ['live', 'inactive'] as const) await requireTops(source, route, view, tops);
    return { copiedBytes };
  },
  async undo(input, { pause }) {
    if (!input.isWarm) return undefined;
    const { route } = input;
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const kept = await removeCopies(deps, target, warmOrdersOf(input), route);
    await putChainBack(source, input, pause);
    return kept;
  },
  describe: (planned) =>
    isWarm(planned)
      ? overlaysOf(planned).map(
          ({ device, base }) =>
            `overlay ${overlayOf(base, 'ID')} over ${device} while it is copied`,
        )
      : [],
}));

const isWarm = ({ vm, cold }: Planned): boolean =>
  cold?.isWarm === true && powerOf(vm.state) !== 'off';

/** What the guest may write meanwhile; on a full filesystem it would stand still. */
const OVERLAY_SHARE = 0.1;

/** @throws SOURCE_DISK_FULL */
async function requireRoom({ storage, host }: HostDrivers, input: Copies): Promise<void> {
  const wanted = new Map<HostPath, number>();
  for (const disk of copiedOf(input)) {
    const folder = folderOf(pathOf(disk));
    const bytes = disk.inspection.capacityBytes * OVERLAY_SHARE;
    wanted.set(folder, Math.ceil((wanted.get(folder) ?? 0) + bytes));
  }
  for (const [folder, bytes] of wanted) {
    const { freeBytes } = await storage.files.room(folder);
    if (freeBytes >= bytes) continue;
    throw new CodedError(
      'SOURCE_DISK_FULL',
      `a warm copy wants ${bytes} bytes in ${folder} on ${host.name} for what the guest writes meanwhile; ${freeBytes} are free`,
      { hint: 'Free some, or leave out --warm.', facts: { host: host.name, folder } },
    );
  }
}

/** Their bitmaps would not see what is written to the overlays. @throws DEFINITION_UNSUPPORTED */
async function refuseCheckpoints(
  { hypervisor }: HostDrivers,
  { uuid, name }: Route,
): Promise<void> {
  const { checkpoints } = await hypervisor.kept(uuid);
  if (checkpoints.length === 0) return;
  throw new CodedError(
    'DEFINITION_UNSUPPORTED',
    `${name} has checkpoints (${checkpoints.join(', ')}), which a warm copy would lose`,
    { hint: 'Leave out --warm: a cold copy carries them.' },
  );
}

/** A later attempt finds its overlays. A snapshot that somebody has made is neither, and would be in no copy. */
async function expectedOf(
  { storage }: HostDrivers,
  overlays: readonly Overlay[],
): Promise<Expected[]> {
  const paths = overlays.map(({ overlay }) => overlay);
  const there = paths.length > 0 ? await storage.files.existing(paths) : [];
  return overlays.map(({ device, base, overlay }) => ({
    device,
    oneOf: there.includes(overlay) ? [base, overlay] : [base],
  }));
}
