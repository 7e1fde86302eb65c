/** `disks.precopy` and its undo: the warm part of a cold migration (B1, B3). */
import { powerOf } from '../../model/vm.js';
import { overlayOf } from '../../model/copy.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { withDiskFiles } from '../../guest/xml/disk-files.js';
import type { Overlay, Pause } from '../../drivers/interfaces/hypervisor/power.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import { folderOf } from '../../model/storage.js';
import { isActive } from '../../model/vm.js';
import type { Planned } from '../../workflows/kit/shapes.js';
import { precopy } from '../../workflows/steps/disks.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';
import { knownFree } from '../host/free.js';
import { copiedOf, overlaysOf, warmOrdersOf, type Copies } from './orders.js';
import { pathOf } from './files.js';
import { copyAll, removeCopies } from './copying.js';
import { otherTops, requireNothingOver, requireTops, type Expected } from './layers.js';

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

/** By QEMU itself if the guest runs, else by hand: what the guest wrote comes into the disk's own file in both cases. */
async function putChainBack(source: HostDrivers, input: Copies, pause: Pause): Promise<void> {
  const { hypervisor, storage } = source;
  const { route } = input;
  const { uuid } = route;
  const overlays = overlaysOf(input);
  await requireNothingOver(source, route, overlays, { isNamed: true });
  const guest = await hypervisor.find(uuid);
  if (guest && isActive(guest.state)) {
    await hypervisor.commitOverlays(uuid, overlays, pause);
    // A commit takes its time, in which somebody may have made another snapshot.
    await requireNothingOver(source, route, overlays, { isNamed: false });
    const paths = overlays.map(({ overlay }) => overlay);
    if (paths.length > 0)
      await storage.files.remove(knownFree(paths, 'the guest and the others were asked above'));
    return;
  }
  if (guest) await requireLast(source, route, overlays);
  for (const { overlay, base, format } of overlays)
    await storage.files.absorb(overlay, base, format);
  if (!guest) return;
  const files = overlays.map(({ device, base, format }) => ({ device, path: base, format }));
  await hypervisor.redefine(uuid, (xml) => withDiskFiles(xml, files));
}

/** An overlay that the definition does not name may have been committed before, and be older than the disk's file by now. @throws SOURCE_STALE */
async function requireLast(
  source: HostDrivers,
  route: Route,
  overlays: readonly Overlay[],
): Promise<void> {
  const there = await source.storage.files.existing(overlays.map(({ overlay }) => overlay));
  const expected = overlays
    .filter(({ overlay }) => there.includes(overlay))
    .map(({ device, overlay }) => ({ device, oneOf: [overlay] }));
  const [other] = await otherTops(source, route, 'inactive', expected);
  if (!other) return;
  const { device, found, wanted } = other;
  throw new CodedError(
    'SOURCE_STALE',
    `${wanted} on ${source.host.name} stays: ${device} of ${route.name} is ${found} in its definition, and which of the two has what the guest wrote last cannot be told`,
    {
      hint: `Compare their times (stat). If ${found} was written last, remove ${wanted}; if not, name ${wanted} in the definition (virsh edit). Then retry.`,
      facts: { device },
    },
  );
}
