/** Secrets that a disk names: libvirt keeps them on each host by itself. */
import type { Element } from '@xmldom/xmldom';
import type { Need } from '../../model/need.js';
import type { SecretRef } from '../../model/secret.js';
import { needed, refusedIf, type Fate } from './fate.js';

const need = (usage: SecretRef['usage'], secret: Element): Need[] => {
  const uuid = secret.getAttribute('uuid');
  const id = secret.getAttribute('usage');
  const by = uuid ? { uuid } : id ? { id } : undefined;
  return by ? [{ kind: 'secret', secret: { usage, by } }] : [];
};

/** The key of an encrypted disk. */
export const key: Fate = needed('the target has it with a value, or it is brought', (element) =>
  need('volume', element),
);

/** The old format's cipher is broken, and no QEMU since 2.x starts a guest from it. */
export const onlyLuks: Fate = refusedIf('unless its format is luks', (element) => {
  const format = element.getAttribute('format') ?? '';
  return format === 'luks'
    ? []
    : [{ why: `is encrypted as ${format}`, wayOut: 'convert it to luks (qemu-img convert)' }];
});
