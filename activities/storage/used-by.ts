/** A volume or a device that another guest writes to: moved away from each other, the two would not even be told by one QEMU's lock. */
import { objection, type Objection } from '../../model/objection.js';

/** Nothing to say where nobody else uses it. @param accept the word, where a person can know better */
export const usedBy = (
  about: string,
  what: string,
  users: readonly string[],
  more: { readonly accept?: string } = {},
): Objection[] =>
  users.length === 0
    ? []
    : [
        objection(
          about,
          `is the ${what}, which is used by ${[...new Set(users)].join(', ')}`,
          'take it from the other guest, or make it <shareable/> in both if that is meant',
          more,
        ),
      ];
