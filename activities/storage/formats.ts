/** A copy that is to be of another format than its disk: whether there is one, and what speaks against it. */
import { present } from '../../model/defined.js';
import { objection, type Objection } from '../../model/objection.js';
import { formatThere, isOfDevice, type DiskPlan } from '../../model/storage.js';

/** Both formats can have their room reserved; whatever else an image was made with is its format's own. */
const RESERVED = 'preallocation=falloc';

/** The plan with the format that its copy is to have; what stays where it is keeps its own, and that is said. */
export function inFormat(plan: DiskPlan): DiskPlan {
  const { targetFormat, ...rest } = plan;
  if (targetFormat === undefined || targetFormat === plan.format) return rest;
  if (plan.handling !== 'copy' || plan.target?.kind === 'block')
    return { ...rest, reason: `${plan.reason}; it stays ${formatThere(rest)}` };
  const { made, ...inspection } = plan.inspection;
  return {
    ...plan,
    reason: `${plan.reason}, and becomes ${targetFormat}`,
    inspection: made?.split(',').includes(RESERVED)
      ? { ...inspection, made: RESERVED }
      : inspection,
  };
}

/** What a copy in another format would not have: it is what the guest sees of the disk, and no more. */
export function formatObjections(
  plan: DiskPlan,
  snapshots: readonly { readonly name: string }[],
): Objection[] {
  const { device, format, inspection, isEncrypted, targetFormat } = plan;
  if (targetFormat === undefined) return [];
  const about = `disk ${device}`;
  const wayOut = `leave it its format (no --map-storage format:${format}=format:${targetFormat})`;
  const kept = [...inspection.holds, ...snapshots.map(({ name }) => `snapshot ${name}`)];
  const below = inspection.backing.map(({ path }) => path).join(', ');
  return present([
    isEncrypted
      ? objection(about, `is encrypted, and would be ${targetFormat} without that`, wayOut)
      : undefined,
    kept.length > 0 && !isOfDevice(plan)
      ? objection(
          about,
          `has ${[...new Set(kept)].join(', ')}, which a copy as ${targetFormat} would not have`,
          `${wayOut}, or delete them`,
        )
      : undefined,
    below !== ''
      ? objection(
          about,
          `lies over ${below}, and a live copy as ${targetFormat} would be its own layer alone`,
          'move it cold, which copies all that the guest sees',
          { moves: ['live'] },
        )
      : undefined,
  ]);
}
