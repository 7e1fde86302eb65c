/** The documented copy (C4): the file as it is, with what else is in it, over the same export as a copy of what the guest sees (`nbd.ts`). */
import type { ImageFile } from '../interfaces/copy.js';
import { CodedError } from '../../model/errors.js';
import type { Copying } from './copying.js';
import * as scripts from './copy-scripts.js';
import { lookAt } from './look.js';
import { convertByNbd } from './nbd.js';

/** Copies into the unfinished file; zeroes become holes, which no reader can tell. @throws COPY_FAILED */
export async function copyAsItIs(copying: Copying): Promise<void> {
  const { order, from, to, part } = copying;
  const { path } = order.chain[0] as ImageFile;
  const [file] = await lookAt(from.shell, [path]);
  if (file?.kind !== 'file')
    throw new CodedError('COPY_FAILED', `${path} is no file on ${from.host.name} any more`);
  const bytes = { path, format: 'raw' as const };
  await convertByNbd({ ...copying, order: { ...order, chain: [bytes], format: 'raw', made: '' } });
  // An export has whole sectors, which a file need not have.
  await to.shell.run(scripts.CUT, [part, String(file.sizeBytes)]);
}
