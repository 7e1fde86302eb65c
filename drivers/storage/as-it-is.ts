/** The documented copy (C4): the file as it is, with what else is in it, over the same export as a copy of what the guest sees (`nbd.ts`). */
import type { ImageFile } from '../interfaces/copy.js';
import type { Copying } from './copying.js';
import { convertByNbd, cutToLength } from './nbd.js';

/** Copies into the unfinished file; zeroes become holes, which no reader can tell. @throws COPY_FAILED */
export async function copyAsItIs(copying: Copying): Promise<void> {
  const { order } = copying;
  const { path } = order.chain[0] as ImageFile;
  const bytes = { path, format: 'raw' as const };
  // What a qcow2 image was made with is in the file; a raw one has its room only.
  const made = order.format === 'raw' ? (order.made ?? '') : '';
  await convertByNbd({ ...copying, order: { ...order, chain: [bytes], format: 'raw', made } });
  await cutToLength(copying, path);
}
