/** `disks.flatten` and `disks.transfer` with their undos. */
import type { CopyOrder, ImageFile } from '../../drivers/copy.js';
import { CodedError } from '../../model/errors.js';
import type { CopyPlan } from '../../model/copy.js';
import { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/migration.js';
import {
  asideOf,
  folderOf,
  setAsidesOf,
  type DiskPlan,
  type SetAside,
} from '../../model/storage.js';
import { flatten, transferDisks } from '../../workflows/steps/copy.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../kit/location.js';
import { pathOf } from '../storage/prepare-disks.js';
import { copyMeter } from './meter.js';

interface Copies {
  readonly route: Route;
  readonly disks: readonly DiskPlan[];
  readonly copies: readonly CopyPlan[];
}

/** C3. The flat image lies beside what was set aside, and goes with it. */
export const flattenActivity = implement(flatten, (deps) => ({
  async run(input, { signal }) {
    const { source } = await endsOf(deps, input.route);
    for (const { disk, chain, flat } of flattened(input)) {
      const { freeBytes } = await source.storage.files.room(folderOf(flat));
      if (freeBytes < disk.inspection.capacityBytes) {
        throw new CodedError(
          'SOURCE_DISK_FULL',
          `flattening ${disk.device} may need ${disk.inspection.capacityBytes} bytes, ${input.route.source} has ${freeBytes}`,
          { hint: 'Ask for --copy nbd: it flattens on its way and needs no room on the source.' },
        );
      }
      await source.storage.copier.flatten(chain, flat, signal);
    }
    return {};
  },
  async undo(input) {
    const { source } = await endsOf(deps, input.route);
    const flats = flattened(input).map(({ flat }) => flat);
    if (flats.length > 0) await source.storage.files.remove(flats);
  },
}));

/** C4. One disk after the other: the link is the limit. */
export const transferDisksActivity = implement(transferDisks, (deps) => ({
  async run(input, { signal, progress }) {
    const { target } = await endsOf(deps, input.route);
    const moves = movesOf(input);
    if (moves.length > 0) await target.storage.files.rename(moves.map(reversed));
    const orders = ordersOf(input).map((order) => ({
      ...order,
      ...(input.bandwidthMibPerSec ? { bandwidthMibPerSec: input.bandwidthMibPerSec } : {}),
    }));
    const meter = copyMeter(orders, progress);
    for (const order of orders) {
      await target.storage.copier.copy(order, signal, meter.of(order));
      meter.done(order);
    }
    return {
      copiedBytes: orders.reduce((sum, { bytes }) => sum + bytes, 0),
      verified: orders.map(({ device }) => device),
    };
  },
  async undo(input) {
    const { route } = input;
    const { target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const orders = ordersOf(input);
    for (const order of orders) await target.storage.copier.cleanUp(order);
    const made = orders.map(({ to }) => to);
    if (made.length > 0) await target.storage.files.removeOwned(made, route.migrationId);
    const moves = movesOf(input);
    if (moves.length > 0) await target.storage.files.rename(moves);
  },
}));

const reversed = ({ from, to }: SetAside): SetAside => ({ from: to, to: from });
const planned = ({ disks, copies }: Copies, wanted: (copy: CopyPlan) => boolean): DiskPlan[] =>
  disks.filter(({ device }) => copies.some((copy) => copy.device === device && wanted(copy)));

/** What a rename on shared storage gives back its name. */
const movesOf = (input: Copies): SetAside[] =>
  setAsidesOf(
    planned(input, ({ way }) => way === 'move'),
    input.route,
  );

/** A disk's chain as it lies on the source after it was set aside. */
function chainOf({ route, disks }: Copies, disk: DiskPlan): ImageFile[] {
  const asides = setAsidesOf(disks, route);
  return [{ path: pathOf(disk), format: disk.format }, ...disk.inspection.backing].map(
    ({ path, format }) => ({ path: asideOf(path, asides), format }),
  );
}

function flattened(input: Copies) {
  return planned(input, ({ isFlattened }) => isFlattened).map((disk) => {
    const chain = chainOf(input, disk);
    const flat = HostPath.parse(`${chain[0]?.path ?? ''}.flat-${input.route.migrationId}`);
    return { disk, chain, flat };
  });
}

function ordersOf(input: Copies): CopyOrder[] {
  const flats = new Map(flattened(input).map(({ disk, flat }) => [disk.device, flat]));
  return input.copies.flatMap(({ device, way }): CopyOrder[] => {
    const disk = input.disks.find((candidate) => candidate.device === device);
    if (!disk || way === 'move') return [];
    const flat = flats.get(device);
    const { allocatedBytes, backing } = disk.inspection;
    const below =
      way === 'nbd' || flat ? backing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) : 0;
    return [
      {
        owner: input.route.migrationId,
        ...{ device, way, from: input.route.source, to: pathOf(disk), format: disk.format },
        chain: flat ? [{ path: flat, format: 'qcow2' }] : chainOf(input, disk),
        bytes: allocatedBytes + below,
      },
    ];
  });
}
