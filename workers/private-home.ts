/** drover's own folder: the inventory, Temporal's database and log are for the one who runs it. */
import { lstatSync, mkdirSync } from 'node:fs';
import { CodedError } from '../model/errors.js';

/** Whatever this process and its children make from now on is their user's only. */
export const keepPrivate = (): void => void process.umask(0o077);

/** Makes the folder, or makes sure that nobody else has or reads it (S16). @throws BAD_CONFIG */
export function preparePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw refused(folder, 'is no folder of its own', 'Give another one');
  if (found.uid !== process.getuid?.())
    throw refused(folder, `belongs to another user (uid ${found.uid})`, 'Give one of your own');
  if ((found.mode & 0o077) !== 0)
    throw refused(
      folder,
      `is open to other users (mode 0${(found.mode & 0o777).toString(8)})`,
      `Run chmod 700 ${folder} if it is drover's alone, or give another one`,
    );
}

const refused = (folder: string, why: string, wayOut: string): CodedError =>
  new CodedError('BAD_CONFIG', `drover's home ${folder} ${why}`, {
    hint: `${wayOut} (DROVER_HOME): whoever writes there can move every guest.`,
  });
