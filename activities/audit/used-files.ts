/** Which files a host's domains need: the question before the janitor removes one. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import type { GuestOnHost } from '../../drivers/hypervisor.js';
import { parseDomain } from '../../drivers/libvirt/xml/domain.js';
import { CodedError } from '../../model/errors.js';
import { fileOf, folderOf } from '../../model/storage.js';
import { isActive } from '../../model/vm.js';

/**
 * Disks as they run and as they will run, what lies below them, firmware variables, and the folders of all these.
 * `undefined` if one cannot be read: then nothing is known to be free.
 */
export async function usedFiles(
  drivers: HostDrivers,
  guests: readonly GuestOnHost[],
): Promise<ReadonlySet<string> | undefined> {
  try {
    const files = (await Promise.all(guests.map((guest) => filesOf(drivers, guest)))).flat();
    return new Set(files.flatMap((file) => [file, folderOf(file)]));
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

async function filesOf({ hypervisor, storage }: HostDrivers, guest: GuestOnHost) {
  const views = [
    ...(isActive(guest.state) ? (['live'] as const) : []),
    ...(guest.isPersistent ? (['inactive'] as const) : []),
  ];
  const found = views.map(async (view) => {
    const { disks, nvram } = parseDomain(await hypervisor.xml(guest.uuid, view));
    const chains = disks.map(async (disk) => {
      const file = fileOf(disk);
      if (!file) return [];
      const { backing } = await storage.kindOf(disk).inspect(disk);
      return [file, ...backing.map(({ path }) => path)];
    });
    return [...(await Promise.all(chains)).flat(), ...(nvram ? [nvram] : [])];
  });
  return (await Promise.all(found)).flat();
}
