/** What an operator calls a part of a domain. */
import type { Element } from '@xmldom/xmldom';
import { attributeOf } from './xml/document.js';

/** By what devices are told apart, by the name of their element. */
const TOLD_BY: Readonly<Record<string, (device: Element) => string | undefined>> = {
  disk: (device) => attributeOf(device, 'target', 'dev'),
  interface: (device) => attributeOf(device, 'mac', 'address')?.toLowerCase(),
  graphics: (device) => device.getAttribute('type') ?? undefined,
  controller: (device) =>
    `${device.getAttribute('type') ?? ''} ${device.getAttribute('index') ?? ''}`,
  serial: (device) => attributeOf(device, 'target', 'port'),
  parallel: (device) => attributeOf(device, 'target', 'port'),
  console: (device) => attributeOf(device, 'target', 'port'),
  channel: (device) => attributeOf(device, 'target', 'name'),
};

/** `disk vda` for a disk and all that is in it, the path for what is no device. */
export function nameOf(element: Element, path: string): string {
  const [top, kind] = path.split('/');
  if (top !== 'devices' || kind === undefined) return path;
  let device = element;
  for (let up = path.split('/').length; up > 2; up -= 1) device = device.parentNode as Element;
  while (device.localName !== kind) device = device.parentNode as Element;
  const by = TOLD_BY[kind]?.(device)?.trim();
  return by === undefined || !(kind in TOLD_BY) ? kind : `${kind} ${by || '?'}`;
}
