/** Whether the names are free, on the source, under which a cold move sets aside what a guest has in files. */
import { objection, type Objection } from '../../model/objection.js';
import { setAsidesOf } from '../../model/storage.js';
import { neighboursOn, usedAmong } from '../host/uses.js';
import type { Question } from './objections.js';

/** A file that another guest uses is that guest's, whatever its name ends with. */
export async function asideObjections({
  route,
  vm,
  disks,
  source,
  move,
}: Question): Promise<Objection[]> {
  const asides = move === 'cold' ? setAsidesOf(disks, vm) : [];
  if (asides.length === 0) return [];
  const taken = await source.storage.files.existing(asides.map(({ to }) => to));
  const others = neighboursOn(source, route.uuid);
  const used = await usedAmong(others, taken, { isUnclearFree: true });
  return asides
    .filter(({ to }) => taken.includes(to))
    .map(({ from, to }) => {
      const by = used.get(to);
      return objection(
        from,
        `would be set aside as ${to} on ${route.source}, and ${by ? `that is in use by ${by}` : 'something has that name there'}`,
        by
          ? 'give one of the two another name; what is there is that guest’s, and no rest of a move'
          : 'no guest uses it now: find out whose it is (a cold migration that was ended from outside leaves such names: drover audit) before you rename or remove it',
      );
    });
}
