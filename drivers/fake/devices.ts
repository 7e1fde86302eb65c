/** Block devices of a fake host. */
import { CodedError } from '../../model/errors.js';
import type { HostDevices } from '../interfaces/devices.js';
import { CAPACITY, filesOf, type FakeHost, type FakeWorld } from './world.js';

/** Its devices. */
export const fakeDevices = (world: FakeWorld, host: FakeHost): HostDevices => ({
  facts: (paths) =>
    Promise.resolve(
      paths.map((path) => {
        const device = host.devices.get(path);
        const isFile = filesOf(world, host, path).has(path);
        const kind = device ? 'device' : isFile ? 'file' : 'absent';
        const { ids = {}, users = [] } = device ?? {};
        return { path, real: path, kind, sizeBytes: device ? CAPACITY : 0, ids, users } as const;
      }),
    ),
  async samples(path) {
    const device = host.devices.get(path);
    if (device) return device.content.split(' ');
    throw new CodedError('COMMAND_FAILED', `${path} is not there`);
  },
});
