/** Takes a warm copy’s overlays back into the disks that they lie over. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { withDiskFiles } from '../../guest/xml/disk-files.js';
import type { Overlay, Pause } from '../../drivers/interfaces/hypervisor/power.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import { isActive } from '../../model/vm.js';
import { knownFree } from '../host/free.js';
import { overlaysOf, type Copies } from './orders.js';
import { otherTops, requireNothingOver } from './layers.js';

/** By QEMU itself if the guest runs, else by hand: what the guest wrote comes into the disk's own file in both cases. */
export async function putChainBack(
  source: HostDrivers,
  input: Copies,
  pause: Pause,
): Promise<void> {
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
