/** What there is to copy, in the drivers' terms: pure, so that a run and its undo mean the same files. */
import { defined } from '../../model/defined.js';
import type { CopyOrder, ImageFile } from '../../drivers/interfaces/copy.js';
import type { Overlay } from '../../drivers/interfaces/hypervisor/power.js';
import type { CopyPlan } from '../../model/copy.js';
import { overlayOf } from '../../model/overlay.js';
import { HostPath } from '../../model/ids.js';
import type { Route } from '../../model/route.js';
import {
  asideOf,
  deviceInto,
  deviceLeft,
  formatThere,
  isVariables,
  setAsidesOf,
  type DiskPlan,
  type SetAside,
} from '../../model/storage.js';
import { pathOf, targetPathOf } from './files.js';

/** The part of a step's input that says what is copied. */
export interface Copies {
  readonly route: Route;
  readonly disks: readonly DiskPlan[];
  readonly copies: readonly CopyPlan[];
  readonly bandwidthMibPerSec?: number | undefined;
  readonly isEncrypted?: boolean | undefined;
}

const planned = ({ disks, copies }: Copies, wanted: (copy: CopyPlan) => boolean): DiskPlan[] =>
  disks.filter(({ device }) => copies.some((copy) => copy.device === device && wanted(copy)));

/** What a rename on shared storage gives back its name. */
export const movesOf = (input: Copies): SetAside[] =>
  setAsidesOf(
    planned(input, ({ way }) => way === 'move'),
    input.route,
  );

/** Disks that are copied, not moved. */
export const copiedOf = (input: Copies): DiskPlan[] => planned(input, ({ way }) => way !== 'move');

/** A disk's chain as it lies on the source, before or after it was set aside. */
function chainOf({ route, disks }: Copies, disk: DiskPlan, isAside: boolean): ImageFile[] {
  const asides = isAside ? setAsidesOf(disks, route) : [];
  if (deviceLeft(disk)) return [{ path: pathOf(disk), format: disk.format, isDevice: true }];
  return [{ path: pathOf(disk), format: disk.format }, ...disk.inspection.backing].map(
    ({ path, format }) => ({ path: asideOf(path, asides), format }),
  );
}

/** Disks to flatten on the source, with the name of the flat image beside what was set aside. */
export function flattenedOf(input: Copies) {
  return planned(input, ({ isFlattened }) => isFlattened).map((disk) => {
    const chain = chainOf(input, disk, true);
    const flat = HostPath.parse(`${chain[0]?.path ?? ''}.flat-${input.route.migrationId}`);
    return { disk, chain, flat };
  });
}

/** One order a disk: its whole content. */
export function ordersOf(input: Copies, isAside: boolean): CopyOrder[] {
  const flats = new Map(flattenedOf(input).map(({ disk, flat }) => [disk.device, flat]));
  return copiedOf(input).map((disk): CopyOrder => {
    const { device, inspection } = disk;
    const format = formatThere(disk);
    const way = input.copies.find((copy) => copy.device === device)?.way === 'nbd' ? 'nbd' : 'scp';
    const flat = flats.get(device);
    const isWhole = way === 'nbd' || flat;
    const below = isWhole ? inspection.backing.reduce((sum, file) => sum + file.sizeBytes, 0) : 0;
    return {
      ...common(input),
      device,
      way,
      format,
      to: targetPathOf(disk),
      bytes: inspection.allocatedBytes + below,
      like: chainOf(input, disk, isAside)[0]?.path ?? pathOf(disk),
      ...defined({
        // Nothing is made of a device.
        made: deviceInto(disk) === undefined ? inspection.made : undefined,
        isIntoDevice: deviceInto(disk) === undefined ? undefined : true,
      }),
      chain: flat ? [{ path: flat, format: 'qcow2' }] : chainOf(input, disk, isAside),
    };
  });
}

/** What a warm copy brings while the guest runs: its disks, but not what QEMU alone writes. */
const isWarmable = (disk: { readonly device: string }): boolean => !isVariables(disk);

/** Orders for while the guest runs. */
export const warmOrdersOf = (input: Copies): CopyOrder[] =>
  ordersOf(input, false).filter(isWarmable);

/** An overlay with the format of what it lies over. */
type OverlayOf = Overlay & Pick<DiskPlan, 'format'>;

const overlaysUnder = (input: Copies, nameOf: (disk: DiskPlan) => HostPath): OverlayOf[] =>
  copiedOf(input)
    .filter(isWarmable)
    .map((disk) => ({
      device: disk.device,
      format: disk.format,
      base: nameOf(disk),
      overlay: overlayOf(nameOf(disk), input.route.migrationId),
    }));

/** The overlays that a warm copy puts over the disks on the source. */
export const overlaysOf = (input: Copies): OverlayOf[] => overlaysUnder(input, pathOf);

/** The same where they arrive on the target, beside what was copied before. */
export const arrivedOverlaysOf = (input: Copies): OverlayOf[] => overlaysUnder(input, targetPathOf);

/** Orders for when it is off: what it wrote meanwhile, and what could not be brought before. */
export function deltaOrdersOf(input: Copies): CopyOrder[] {
  const asides = setAsidesOf(input.disks, input.route);
  const rest = ordersOf(input, true).filter((order) => !isWarmable(order));
  const arrived = arrivedOverlaysOf(input);
  const deltas = overlaysOf(input).map(({ device, base, overlay }, index): CopyOrder => ({
    ...common(input),
    device: `${device}-warm`,
    way: 'scp',
    format: 'qcow2',
    to: arrived[index]?.overlay ?? overlay,
    bytes: 0,
    like: asideOf(base, asides),
    chain: [{ path: asideOf(overlay, asides), format: 'qcow2' }],
  }));
  return [...deltas, ...rest];
}

const common = ({ route, bandwidthMibPerSec, isEncrypted = false }: Copies) => ({
  isEncrypted,
  owner: route.migrationId,
  from: route.source,
  ...defined({ bandwidthMibPerSec }),
});
