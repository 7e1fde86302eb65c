/** Block devices of a host, over its shell. */
import { defined } from '../../model/defined.js';
import { CodedError } from '../../model/errors.js';
import type { DeviceFacts, HostDevices } from '../interfaces/devices.js';
import type { HostShell } from '../interfaces/shell.js';
import { DEVICES, SAMPLES } from './device-scripts.js';

const FIELDS = 8;
/** Reading 2 MiB from a disk that is busy. */
const SAMPLES_MS = 15_000;

/** The devices of one host. */
export const hostDevices = (shell: HostShell): HostDevices => ({
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
  async samples(path) {
    const { stdout } = await shell.run(SAMPLES, [path], { timeoutMs: SAMPLES_MS });
    return stdout.split('\n').filter(Boolean);
  },
});

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
