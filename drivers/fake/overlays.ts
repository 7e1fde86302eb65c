/** Overlays over a fake guest's disks: files whose content names what lies below. */
import type { Overlay } from '../interfaces/hypervisor/power.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { fileOf } from '../../model/storage.js';
import { failed, type AtHost } from './at-host.js';
import { poolsOn } from './pools.js';
import { filesOf, type FakeGuest } from './world.js';

/** Puts the overlays that are missing over their disks, whatever those are by now; all or nothing, as libvirt does. */
export function addOverlays(
  { world, host, name }: AtHost,
  guest: FakeGuest,
  overlays: readonly Overlay[],
): void {
  const { disks } = parseDomain(guest.xml, poolsOn(host));
  const missing = overlays.flatMap(({ device, overlay }) => {
    const disk = disks.find((candidate) => candidate.device === device);
    const top = disk && fileOf(disk);
    return top === undefined || top === overlay ? [] : [{ device, overlay, top }];
  });
  for (const { device, overlay } of missing)
    if (filesOf(world, host, overlay).has(overlay))
      throw failed(name, `external snapshot file for disk ${device} already exists`, 67);
  for (const { overlay, top } of missing) {
    replaceIn(guest, top, overlay);
    filesOf(world, host, overlay).set(overlay, { content: `delta over:${top}`, isFolder: false });
  }
}

/** Takes those that are there off their disks; the files stay. */
export function commitOverlays(guest: FakeGuest, overlays: readonly Overlay[]): void {
  for (const { base, overlay } of overlays) replaceIn(guest, overlay, base);
}

/** As a whole attribute, in either kind of quotation marks: one file's name may begin as another's does. */
const QUOTES = [`'`, `"`];

/** Another path under a guest's disks, in both of its views. */
export function replaceIn(guest: FakeGuest, from: string, to: string): void {
  for (const quote of QUOTES) {
    const [old, fresh] = [`${quote}${from}${quote}`, `${quote}${to}${quote}`];
    guest.xml = guest.xml.replaceAll(old, fresh);
    guest.definition = guest.definition.replaceAll(old, fresh);
  }
}
