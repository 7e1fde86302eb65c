/** What a newer libvirt writes into a definition and an older one does not take: left out, where nothing is lost by that (G40). */
import type { Element } from '@xmldom/xmldom';
import { all, first, parseXml, rootOf, serialize } from './xml/document.js';

/** libvirt 9.1 names what a q35 machine has always had, and an older one refuses the name. */
const NAMES_CHIPSET_WATCHDOG = 9_001_000;
/** libvirt 10 keeps the question for firmware beside the answer that it has found; an older one takes one of the two, and knows raw firmware only. */
const KEEPS_QUESTION = 10_000_000;

/** @returns what was left out, in words */
export function dropChipsetWatchdog(
  watchdog: Element,
  targetLibvirt = NAMES_CHIPSET_WATCHDOG,
): string[] {
  if (targetLibvirt >= NAMES_CHIPSET_WATCHDOG) return [];
  watchdog.parentNode?.removeChild(watchdog);
  return [
    'watchdog itco left out, which libvirt there does not know: it does not reset the guest any more',
  ];
}

/** The firmware that was found is named, and not asked for again. @returns what was left out, in words */
export function nameFirmware(os: Element, targetLibvirt = KEEPS_QUESTION): string[] {
  const [loader, variables] = [first(os, 'loader'), first(os, 'nvram')];
  if (targetLibvirt >= KEEPS_QUESTION || !loader) return [];
  const isAsked = os.hasAttribute('firmware');
  os.removeAttribute('firmware');
  all(os, 'firmware').forEach((asked) => os.removeChild(asked));
  for (const [element, name] of [
    [loader, 'format'],
    [variables, 'format'],
    [variables, 'templateFormat'],
  ] as const)
    if (element?.getAttribute(name) === 'raw') element.removeAttribute(name);
  return isAsked ? ['os: the firmware is named, and not asked for again'] : [];
}

/** A snapshot's description, for a libvirt of that version: it keeps the definitions that the guest had then. */
export function snapshotFor(xml: string, targetLibvirt: number): string {
  const document = parseXml(xml, 'domainsnapshot');
  for (const domain of ['domain', 'inactiveDomain'].flatMap((name) =>
    all(rootOf(document), name),
  )) {
    for (const os of all(domain, 'os')) nameFirmware(os, targetLibvirt);
    for (const watchdog of all(domain, 'devices/watchdog'))
      if (watchdog.getAttribute('model') === 'itco') dropChipsetWatchdog(watchdog, targetLibvirt);
  }
  return serialize(document);
}
