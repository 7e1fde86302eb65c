/** An image store behind a URL: `http(s)://…` or `file:///folder`, with a SHA256SUMS file as sha256sum writes it. */
import { CodedError } from '../../model/errors.js';
import type { HostShell } from '../interfaces/shell.js';
import type { ImageStore } from '../interfaces/images.js';
import { SUMS } from './scripts.js';

const NOT_FOUND = 22;
const NO_SUCH_FILE = 37;

/** The store as a host sees it: the host downloads, so the host asks. Without a URL there is no store. */
export function imageStore(url: string | undefined, host: string, shell: HostShell): ImageStore {
  return {
    async find(fileName) {
      if (!url) return undefined;
      const base = url.replace(/\/$/, '');
      const { stdout, exitCode, stderr } = await shell.run(SUMS, [`${base}/SHA256SUMS`], {
        okCodes: Array.from({ length: 100 }, (_, code) => code),
      });
      if (exitCode === NOT_FOUND || exitCode === NO_SUCH_FILE) return undefined;
      if (exitCode !== 0) {
        throw new CodedError(
          'IMAGE_STORE_UNREACHABLE',
          `${host} cannot reach the image store: ${stderr.trim()}`,
          {
            hint: `On ${host} try: curl ${base}/SHA256SUMS`,
            facts: { host, exitCode },
          },
        );
      }
      const sha256 = parseSums(stdout).get(fileName);
      return sha256 ? { url: `${base}/${encodeURIComponent(fileName)}`, sha256 } : undefined;
    },
  };
}

/** `HASH  NAME` or `HASH *NAME` a line; other lines are passed over. */
export const parseSums = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^([0-9a-f]{64}) [ *]([^/\n]+)$/gm)].map(([, hash, name]) => [
      name as string,
      hash as string,
    ]),
  );
