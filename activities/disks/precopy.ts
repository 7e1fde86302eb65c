/** `disks.precopy` and its undo: the warm part of a cold migration (B1, B3). */
import { powerOf } from '../../model/vm.js';
import { overlayOf } from '../../model/copy.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { withDiskFiles } from '../../guest/xml/disk-files.js';
import type { Pause } from '../../drivers/interfaces/hypervisor/power.js';
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

/** The overlays first: from then on the disks' own files stand still. */
export const precopyActivity = implement(precopy, (deps) => ({
  async run(input, context) {
    if (!input.isWarm) return { copiedBytes: 0 };
    const { source, target } = await endsOf(deps, input.route);
    const overlays = overlaysOf(input);
    await refuseCheckpoints(source, input.route);
    await requireRoom(source, input);
    if (overlays.length > 0) await source.hypervisor.addOverlays(input.route.uuid, overlays);
    return { copiedBytes: await copyAll(target, warmOrdersOf(input), context) };
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

/** By QEMU itself if the guest runs, else by hand: what the guest wrote comes into the disk's own file in both cases. */
async function putChainBack(source: HostDrivers, input: Copies, pause: Pause): Promise<void> {
  const { hypervisor, storage } = source;
  const { uuid } = input.route;
  const overlays = overlaysOf(input);
  const guest = await hypervisor.find(uuid);
  if (guest && isActive(guest.state)) {
    await hypervisor.commitOverlays(uuid, overlays, pause);
    const paths = overlays.map(({ overlay }) => overlay);
    if (paths.length > 0)
      await storage.files.remove(knownFree(paths, 'their names have the id of this migration'));
    return;
  }
  for (const { overlay, base, format } of overlays)
    await storage.files.absorb(overlay, base, format);
  if (!guest) return;
  const files = overlays.map(({ device, base, format }) => ({ device, path: base, format }));
  await hypervisor.redefine(uuid, (xml) => withDiskFiles(xml, files));
}
