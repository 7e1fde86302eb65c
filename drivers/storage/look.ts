/** What is at given paths on a host. */
import { CodedError } from '../../model/errors.js';
import type { HostPath } from '../../model/ids.js';
import type { HostShell } from '../interfaces/shell.js';
import type { FileFacts, LoopDevice, Ownership } from '../interfaces/storage.js';
import { LOOK, LOOPS, WITHIN } from './look-scripts.js';

const FIELDS = 14;
/** A command line takes two megabytes; a path is a kilobyte at most. */
const AT_ONCE = 500;

/** Facts of each path, in their order. @throws BAD_ANSWER */
export async function lookAt(shell: HostShell, paths: readonly string[]): Promise<FileFacts[]> {
  const found: FileFacts[] = [];
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const asked = paths.slice(from, from + AT_ONCE);
    const { stdout } = await shell.run(LOOK, asked);
    const fields = stdout.split('\0').slice(0, -1);
    if (fields.length !== asked.length * FIELDS)
      throw new CodedError(
        'BAD_ANSWER',
        `asked about ${asked.length} paths, but the host answered ${fields.length} facts`,
      );
    found.push(...asked.map((_path, index) => factsOf(fields.slice(index * FIELDS))));
  }
  return found;
}

function factsOf(fields: readonly string[]): FileFacts {
  const [path = '', real = '', link, kind, id = '', user = '', group = '', mode = ''] = fields;
  const [mount = '', fsType = '', size = '', changedAt = '', writtenAt = '', extras = ''] =
    fields.slice(8);
  return {
    path,
    real,
    id,
    user,
    group,
    mode,
    mount,
    fsType,
    sizeBytes: Number(size),
    changedAt,
    writtenAt,
    extras: extras.split(',').filter(Boolean),
    isLink: link === 'link',
    kind: kind as FileFacts['kind'],
  };
}

/** Loop devices, and the files that they are over. */
export const loopsOf = async (shell: HostShell): Promise<LoopDevice[]> =>
  (await shell.run(LOOPS, [])).stdout.split('\0').flatMap((line) => {
    const [, device, file] = /^(\/dev\/loop\d+) (\/[^]*)$/.exec(line) ?? [];
    return device && file ? [{ device, file }] : [];
  });

/** The names of everything in a folder. */
export const listWithin = async (shell: HostShell, folder: HostPath): Promise<string[]> =>
  (await shell.run(WITHIN, [folder])).stdout.split('\0').filter(Boolean);

/**
 * As the scripts that make a file take it. Who may read and write goes along; that a file runs as its owner does not, whatever the
 * source says of it.
 * @throws BAD_ANSWER for what is no name or no mode
 */
export function ownArgs({ user, group, mode }: Ownership): [string, string, string] {
  if (![user, group].every((name) => OWNER.test(name)) || !/^[0-7]{1,5}$/.test(mode))
    throw new CodedError(
      'BAD_ANSWER',
      `${shown(user)}:${shown(group)}, ${shown(mode)} is no owner and mode of a file`,
    );
  return [user, group, `0${mode.padStart(3, '0').slice(-3)}`];
}

/** As directories of accounts have them: `libvirt-qemu`, `svc@corp.example`, `DOM\\jane doe`. */
const OWNER = /^[\p{L}\p{N}_][\p{L}\p{N}_.@\\$ -]{0,255}$/u;
const shown = (text: string): string => JSON.stringify(text.slice(0, 100));
