/** Files, keys, claims and marks of migrations that are over. */
import type { HostDrivers } from '../../drivers/data-centre.js';
import { parseDomain } from '../../drivers/libvirt/xml/domain.js';
import type { Trace } from '../../drivers/traces.js';
import { HostPath, type HostName, type MigrationId } from '../../model/ids.js';
import { fileOf, folderOf } from '../../model/storage.js';
import type { Found, Scene } from './audit.js';

/** Everything that bears a migration's id. */
export async function traceFindings(scene: Scene): Promise<Found[]> {
  const found: Found[] = [];
  for (const [host, drivers] of scene.hosts) {
    const traces = await drivers.traces.find(scene.folders);
    for (const trace of traces) found.push(...(await ofTrace(scene, host, drivers, trace)));
    for (const path of await drivers.traces.aside(scene.folders))
      if (scene.moving.size === 0)
        found.push({
          finding: {
            ...{ host, kind: 'aside', what: `${path} was set aside by a cold migration` },
            hint: 'If the VM runs elsewhere and is whole, remove it by hand; else rename it back.',
          },
        });
    found.push(...(await marksOf(scene, host, drivers)));
  }
  for (const claim of scene.claims) {
    const what = `a reservation of ${claim.memoryBytes} bytes of memory on ${claim.host}`;
    const mend = () => scene.deps.inventory.release(claim.migrationId);
    found.push(
      ...(await ofOwner(
        scene,
        claim.host,
        claim.migrationId,
        { kind: 'claim', what, repair: 'release it' },
        mend,
      )),
    );
  }
  return found;
}

async function ofTrace(
  scene: Scene,
  host: HostName,
  drivers: HostDrivers,
  { kind, owner, subject }: Trace,
): Promise<Found[]> {
  const { files } = drivers.storage;
  if (kind === 'copy') {
    const about = {
      kind: 'copy' as const,
      what: `${subject}: what a copy needed`,
      repair: 'end it and remove its key',
    };
    return ofOwner(scene, host, owner, about, () => drivers.traces.removeCopies(owner));
  }
  const path = HostPath.parse(subject);
  if (kind !== 'mark') {
    const about = { kind: 'file' as const, what: `${path}: unfinished`, repair: 'remove it' };
    return ofOwner(scene, host, owner, about, () => files.remove([path]));
  }
  const isUsed = (await usedPaths(drivers)).has(path);
  const about = {
    kind: 'file' as const,
    what: `${path}: marked as made by a migration${isUsed ? ', and used by a domain' : ''}`,
    repair: isUsed ? 'drop the mark, keep the file' : 'remove it',
  };
  return ofOwner(scene, host, owner, about, () =>
    isUsed ? files.keep([path]) : files.removeOwned([path], owner),
  );
}

/** The migration's mark in domains that are not being moved. */
async function marksOf(
  scene: Scene,
  host: HostName,
  { hypervisor }: HostDrivers,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const { uuid, name } of await hypervisor.guests()) {
    const mark = (await hypervisor.readMark(uuid))?.mark;
    if (!mark) continue;
    const about = {
      kind: 'mark' as const,
      what: `${name} bears a migration's mark`,
      repair: 'remove the mark',
    };
    found.push(
      ...(await ofOwner(scene, host, mark.migrationId, about, () =>
        hypervisor.writeMark(uuid, undefined),
      )),
    );
  }
  return found;
}

/** Nothing if its migration is open; without a repair if no such migration is known. */
async function ofOwner(
  { context }: Scene,
  host: HostName,
  owner: MigrationId,
  about: {
    readonly kind: Found['finding']['kind'];
    readonly what: string;
    readonly repair: string;
  },
  mend: () => Promise<unknown>,
): Promise<Found[]> {
  const run = await context.runOf(owner);
  if (run?.isOpen) return [];
  const { repair, ...rest } = about;
  if (!run) {
    const hint =
      'No migration of that id is known here: another drover may have it. Look before you remove anything.';
    return [{ finding: { host, ...rest, owner, hint } }];
  }
  return [{ finding: { host, ...rest, owner, workflowId: run.workflowId, repair }, mend }];
}

/** Every file and folder that a domain of this host names. */
async function usedPaths({ hypervisor }: HostDrivers): Promise<ReadonlySet<string>> {
  const guests = await hypervisor.guests();
  const xmls = await Promise.all(guests.map(({ uuid }) => hypervisor.xml(uuid, 'inactive')));
  const files = xmls.flatMap((xml) => parseDomain(xml).disks.flatMap((disk) => fileOf(disk) ?? []));
  return new Set(files.flatMap((file) => [file, folderOf(file)]));
}
