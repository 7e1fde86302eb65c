/** Block devices of a host, over its shell. */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { DeviceFacts, HostDevices } from '../interfaces/devices.js';
import { emptied } from '../../model/device.js';
import { HostPath, type HostName } from '../../model/ids.js';
import type { HostCommand, HostShell, RunOptions } from '../interfaces/shell.js';
import { DEVICES, OF_ZEROES, SAMPLES } from './device-scripts.js';
import { putState } from './taken.js';
import * as taken from './taken-scripts.js';

const FIELDS = 8;
/** Reading 2 MiB from a disk that is busy. */
const SAMPLES_MS = 15_000;
/** All of a device is read, or written. */
const WHOLE = { timeoutMs: 24 * 3600_000 };

/** The devices of one host. */
export const hostDevices = (host: HostName, shell: HostShell): HostDevices => ({
  async facts(paths) {
    if (paths.length === 0) return [];
    const fields = (await shell.run(DEVICES, paths)).stdout.split('\0').slice(0, -1);
    if (fields.length !== paths.length * FIELDS)
      throw new CodedError(
        'BAD_ANSWER',
        `asked about ${paths.length} devices, but the host answered ${fields.length} facts`,
      );
    return paths.map((_path, index) => factsOf(fields.slice(index * FIELDS)));
  },
  samples: (path) => samplesOf(shell, path),
  looksEmpty: (path) => looksEmpty(shell, path),
  async take({ path, owner, disk }, bytes, signal) {
    const { exitCode, stdout } = await shell.run(taken.TAKE, [path, owner, disk, String(bytes)], {
      ...WHOLE,
      signal,
      okCodes: [0, taken.REFUSED],
    });
    if (exitCode === 0) return;
    throw new CodedError('TARGET_STALE', `${path} on ${host}: it ${stdout}`, {
      hint: emptied(host, path),
      facts: { host, path },
    });
  },
  beginWriting: (paths, owner) => putState(shell, paths, owner, 'writing'),
  giveBack: (paths, owner) => lines(shell, taken.GIVE_BACK, [owner, ...paths], WHOLE),
  keep: (paths, owner) => putState(shell, paths, owner, 'kept'),
  keepLast: (paths, owner) => putState(shell, paths, owner, 'last'),
  taken: async (paths, owner) =>
    (await lines(shell, taken.STATES, [owner, ...paths])).map((line) => {
      const [state = ''] = line.split(' ', 1);
      return { path: HostPath.parse(line.slice(state.length + 1)), isLast: state === 'last' };
    }),
});

/** By 32 parts all over it. */
export const looksEmpty = async (shell: HostShell, path: string): Promise<boolean> =>
  (await samplesOf(shell, path)).every((sum) => sum === OF_ZEROES);

const samplesOf = (shell: HostShell, path: string): Promise<string[]> =>
  lines(shell, SAMPLES, [path], { timeoutMs: SAMPLES_MS });

const lines = async (
  shell: HostShell,
  command: HostCommand,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string[]> =>
  (await shell.run(command, args, options)).stdout.split('\n').filter(Boolean);

function factsOf(fields: readonly string[]): DeviceFacts {
  const [path = '', real = '', kind, size = '', dm, wwn, serial, users = ''] = fields;
  return {
    path,
    real,
    kind: kind as DeviceFacts['kind'],
    sizeBytes: Number(size),
    ids: defined({
      dm: dm === '' ? undefined : dm,
      wwn: wwn === '' ? undefined : wwn,
      serial: serial === '' ? undefined : serial,
    }),
    users: users.split('\n').filter(Boolean),
  };
}
