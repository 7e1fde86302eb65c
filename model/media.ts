/** CDs and floppies: what becomes of them when their guest moves (G03). */
import { z } from 'zod';
import { objection } from './objection.js';
import type { Vm } from './vm.js';

/** `bring`: the target's file if it is the same, else a copy. `keep`: only if the target has it. `eject`: empty drives arrive. */
export const Media = z.enum(['bring', 'keep', 'eject']);
export type Media = z.infer<typeof Media>;

/** The VM without its media, which stay where they are. Its own drives stay, empty. */
export function ejecting(vm: Vm): Vm {
  const media = vm.disks.filter(({ isRemovable }) => isRemovable);
  return {
    ...vm,
    disks: vm.disks.filter(({ isRemovable }) => !isRemovable),
    ejected: media.map(({ device }) => device),
    objections: [
      ...vm.objections,
      // libvirt refuses a running guest whose target would lack what it can write to.
      ...media
        .filter(({ isReadOnly }) => !isReadOnly)
        .map(({ device }) =>
          objection(
            `disk ${device}`,
            'is a medium that the guest may be writing to',
            `eject it first: virsh change-media ${vm.uuid} ${device} --eject --live --config`,
            { moves: ['live'] },
          ),
        ),
    ],
    remarks: [
      ...vm.remarks,
      ...media.map(
        ({ device, source }) =>
          `${device} arrives empty: ${source.kind === 'network' ? source.name : source.path} stays on ${vm.host}`,
      ),
    ],
  };
}
