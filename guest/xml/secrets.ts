/** Where libvirt's domain XML holds secrets: console passwords (VIR_DOMAIN_XML_SECURE), and what is handed to QEMU past libvirt. */
import type { Element } from '@xmldom/xmldom';
import { all } from './document.js';

const HIDDEN = '(hidden)';

/** Takes the secrets out, for a text that people read. */
export function hideSecrets(root: Element): void {
  for (const graphics of all(root, 'devices/graphics'))
    if (graphics.hasAttribute('passwd')) graphics.setAttribute('passwd', HIDDEN);
  for (const arg of all(root, 'commandline/arg'))
    if (/secret|password/i.test(arg.getAttribute('value') ?? '')) arg.setAttribute('value', HIDDEN);
}
