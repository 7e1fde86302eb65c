/** Block devices of a fake host. */
import { emptied } from '../../model/device.js';
import { CodedError } from '../../model/errors.js';
import type { HostPath, MigrationId } from '../../model/ids.js';
import type { HostDevices, TakenDevice } from '../interfaces/devices.js';
import { CAPACITY, filesOf, type FakeDevice, type FakeHost, type FakeWorld } from './world.js';

/** Its devices. */
export const fakeDevices = (world: FakeWorld, host: FakeHost): HostDevices => ({
  facts: (paths) =>
    Promise.resolve(
      paths.map((path) => {
        const device = host.devices.get(path);
        const isFile = filesOf(world, host, path).has(path);
        const kind = device ? 'device' : isFile ? 'file' : 'absent';
        const { ids = {}, users = [] } = device ?? {};
        return {
          path,
          real: path,
          kind,
          sizeBytes: device ? (device.sizeBytes ?? CAPACITY) : 0,
          ids,
          users,
        } as const;
      }),
    ),
  async samples(path) {
    const device = host.devices.get(path);
    if (device) return device.content.split(' ');
    throw new CodedError('COMMAND_FAILED', `${path} is not there`);
  },
  looksEmpty: (path) => Promise.resolve(host.devices.get(path)?.content === ''),
  ...takingOn(host),
});

/** How devices are taken and given back. */
function takingOn(
  host: FakeHost,
): Pick<HostDevices, 'take' | 'beginWriting' | 'giveBack' | 'keep' | 'keepLast' | 'taken'> {
  const mine = (paths: readonly HostPath[], owner: MigrationId) =>
    paths.flatMap((path) => {
      const device = host.devices.get(path);
      return device?.taken?.owner === owner ? [{ path, device, taken: device.taken }] : [];
    });
  return {
    take: async ({ path, owner, disk }, bytes) => {
      const device = host.devices.get(path);
      const why = refusalOf(device, { path, owner, disk }, bytes);
      if (why === 'taken') return;
      if (why)
        throw new CodedError('TARGET_STALE', `${path} on ${host.record.name}: it ${why}`, {
          hint: emptied(host.record.name, path),
        });
      if (device) device.taken = { owner, disk, state: 'empty' };
    },
    beginWriting: async (paths, owner) => {
      for (const { device, taken } of mine(paths, owner))
        device.taken = { ...taken, state: 'writing' };
    },
    giveBack: async (paths, owner) => {
      for (const { device, taken } of mine(paths, owner)) {
        if (taken.state === 'last') continue;
        if (taken.state !== 'empty') Object.assign(device, { content: '' });
        Object.assign(device, { taken: undefined });
      }
      return Promise.resolve([]);
    },
    keep: async (paths, owner) => {
      for (const { device } of mine(paths, owner)) device.taken = undefined;
    },
    keepLast: async (paths, owner) => {
      for (const { device, taken } of mine(paths, owner))
        device.taken = { ...taken, state: 'last' };
    },
    taken: (paths, owner) =>
      Promise.resolve(
        mine(paths, owner).map(({ path, taken }) => ({ path, isLast: taken.state === 'last' })),
      ),
  };
}

function refusalOf(
  device: FakeDevice | undefined,
  { owner, disk }: TakenDevice,
  bytes: number,
): string | undefined {
  if (!device) return 'is no block device';
  const { taken, content, users, sizeBytes = CAPACITY } = device;
  if (taken) return taken.owner === owner && taken.disk === disk ? 'taken' : 'is being written to';
  if (users.length > 0) return 'is in use by the host itself';
  if (sizeBytes < bytes) return `has ${sizeBytes} bytes, and ${bytes} are needed`;
  return content === '' ? undefined : 'has data on it';
}
