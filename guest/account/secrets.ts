/** Secrets that a disk names: libvirt keeps them on each host by itself. */
import type { Element } from '@xmldom/xmldom';
import type { Need } from '../../model/need.js';
import type { SecretRef } from '../../model/secret.js';
import { needed, refusedIf, type Fate } from './fate.js';

const need = (usage: SecretRef['usage'], secret: Element): Need[] => {
  const ref = secretRefOf(usage, secret);
  return ref ? [{ kind: 'secret', secret: ref }] : [];
};

/** How an element with a UUID or a usage names a secret; nothing if it names none. */
export function secretRefOf(usage: SecretRef['usage'], element: Element): SecretRef | undefined {
  const uuid = element.getAttribute('uuid');
  const id = element.getAttribute('usage');
  const by = uuid ? { uuid } : id ? { id } : undefined;
  return by && { usage, by };
}

/** The key of an encrypted disk. */
export const key: Fate = needed('the target has the same, or it is brought', (element) =>
  need('volume', element),
);

/** The password of a volume. */
export const password: Fate = needed('the target has the same, or it is brought', (element) =>
  need(element.getAttribute('type') === 'ceph' ? 'ceph' : 'iscsi', element),
);

/** The old format's cipher is broken, and no QEMU since 2.x starts a guest from it. */
export const onlyLuks: Fate = refusedIf('unless its format is luks', (element) => {
  const format = element.getAttribute('format') ?? '';
  return format === 'luks'
    ? []
    : [{ why: `is encrypted as ${format}`, wayOut: 'convert it to luks (qemu-img convert)' }];
});
