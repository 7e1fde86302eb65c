/** What `qemu-img info --backing-chain --output=json` says of a disk. */
import { z } from 'zod';
import { CodedError } from '../../model/errors.js';
import { DiskInspection } from '../../model/storage.js';
import type { HostShell } from '../shell.js';
import { INSPECT } from './scripts.js';

/** Sample: `[{"virtual-size": 67108864, "filename": "/a", "format": "qcow2", "actual-size": 200704, "full-backing-filename": "/b"}]` */
const Chain = z
  .array(
    z.looseObject({
      filename: z.string(),
      format: z.string(),
      'virtual-size': z.number(),
      'actual-size': z.number().default(0),
    }),
  )
  .min(1);

/** Asks without taking the image's lock (`-U`): the guest runs on it. */
export async function inspectImage(
  shell: HostShell,
  host: string,
  location: string,
  format: string,
): Promise<DiskInspection> {
  const { stdout } = await shell.run(INSPECT, [format, location]);
  return parseChain(stdout, host, location);
}

/** Parses the answer. @throws BAD_ANSWER */
export function parseChain(text: string, host: string, location: string): DiskInspection {
  try {
    const [disk, ...backing] = Chain.parse(JSON.parse(text));
    return DiskInspection.parse({
      capacityBytes: disk?.['virtual-size'],
      allocatedBytes: disk?.['actual-size'],
      backing: backing.map((file) => ({
        path: file.filename,
        format: file.format,
        sizeBytes: file['actual-size'],
      })),
    });
  } catch (cause) {
    throw new CodedError(
      'BAD_ANSWER',
      `qemu-img on ${host} answered something unreadable about ${location}`,
      { cause },
    );
  }
}
