/** Overlays over a fake guest's disks: files whose content names what lies below. */
import type { Overlay } from '../interfaces/hypervisor/power.js';
import type { AtHost } from './at-host.js';
import { filesOf, type FakeGuest } from './world.js';

/** Puts the overlays that are missing over their disks. */
export function addOverlays(
  { world, host }: AtHost,
  guest: FakeGuest,
  overlays: readonly Overlay[],
): void {
  for (const { base, overlay } of overlays) {
    if (!names(guest.xml, base)) continue;
    replaceIn(guest, base, overlay);
    const content = `delta over:${base}`;
    filesOf(world, host, overlay).set(overlay, { content, isFolder: false });
  }
}

/** Takes those that are there off their disks; the files stay. */
export function commitOverlays(guest: FakeGuest, overlays: readonly Overlay[]): void {
  for (const { base, overlay } of overlays) replaceIn(guest, overlay, base);
}

/** As a whole attribute, in either kind of quotation marks: one file's name may begin as another's does. */
const QUOTES = [`'`, `"`];
const names = (xml: string, path: string): boolean =>
  QUOTES.some((quote) => xml.includes(`${quote}${path}${quote}`));

function replaceIn(guest: FakeGuest, from: string, to: string): void {
  for (const quote of QUOTES) {
    const [old, fresh] = [`${quote}${from}${quote}`, `${quote}${to}${quote}`];
    guest.xml = guest.xml.replaceAll(old, fresh);
    guest.definition = guest.definition.replaceAll(old, fresh);
  }
}
