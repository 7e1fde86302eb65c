/**
 * Where libvirt's domain XML holds secrets: console passwords (VIR_DOMAIN_XML_SECURE), what is handed to QEMU past libvirt, and what
 * its user wrote for the guest to read at its start (an Ignition or cloud-init text in fw_cfg or SMBIOS strings).
 */
import type { Element } from '@xmldom/xmldom';
import { all } from './document.js';

const HIDDEN = '(hidden)';
const WRITTEN = ['', '/bios', '/system', '/baseBoard', '/chassis', '/oemStrings'].map(
  (part) => `sysinfo${part}/entry`,
);

/** Takes the secrets out, for a text that people read. */
export function hideSecrets(root: Element): void {
  for (const graphics of all(root, 'devices/graphics'))
    if (graphics.hasAttribute('passwd')) graphics.setAttribute('passwd', HIDDEN);
  for (const where of WRITTEN) for (const entry of all(root, where)) entry.textContent = HIDDEN;
  for (const env of all(root, 'commandline/env'))
    if (env.hasAttribute('value')) env.setAttribute('value', HIDDEN);
  for (const arg of all(root, 'commandline/arg'))
    if (/secret|password/i.test(arg.getAttribute('value') ?? '')) arg.setAttribute('value', HIDDEN);
}
