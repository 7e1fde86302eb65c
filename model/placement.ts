/** Where a guest's disks and ports are on the target, if not where they are on the source: both ends are values. */
import { z } from 'zod';
import { defined } from './defined.js';
import { Device } from './ids.js';
import type { Port } from './network.js';
import { DiskFormat, DiskSource } from './storage.js';
import type { Vm } from './vm.js';

/**
 * Places on the target: disks by their device, ports by their MAC. What is not named keeps its place. Backing files keep their
 * paths, since an image names them itself; so does a guest that has snapshots, whose metadata name its disks.
 */
export const Placement = z.object({
  disks: z.record(z.string(), DiskSource).default({}),
  /** The format that a copy of the disk is to have. */
  formats: z.record(z.string(), DiskFormat).optional(),
  ports: z
    .record(z.string(), z.object({ bridge: Device.optional(), network: z.string().optional() }))
    .default({}),
});
export type Placement = z.infer<typeof Placement>;

const NOWHERE_ELSE: Placement = { disks: {}, ports: {} };

/** The VM with the places of its disks and ports on the target; as it is where there is nothing to say of them. */
export const placed = (vm: Vm, { disks, formats = {}, ports }: Placement = NOWHERE_ELSE): Vm => ({
  ...vm,
  disks: vm.disks.map((disk) => ({
    ...disk,
    ...defined({ target: disks[disk.device], targetFormat: formats[disk.device] }),
  })),
  ports: vm.ports.map((port) => {
    const target = ports[port.mac];
    return target ? { ...port, target } : port;
  }),
});

/** What a port is attached to on the target: a bridge, or a network that names one there. */
export const attachedTo = ({ target, bridge, network }: Port): Pick<Port, 'bridge' | 'network'> =>
  target ?? { bridge, network };
