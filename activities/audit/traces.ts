/** Files, keys, claims and marks of migrations that are over. */
import type { Trace } from '../../drivers/traces.js';
import { HostPath, type HostName, type MigrationId } from '../../model/ids.js';
import type { Found, Scene, SeenHost } from './audit.js';

/** Everything that bears a migration's id. */
export async function traceFindings(scene: Scene): Promise<Found[]> {
  const found: Found[] = [];
  for (const [host, seen] of scene.hosts) {
    const { drivers } = seen;
    for (const trace of await drivers.traces.find(scene.folders))
      found.push(...(await ofTrace(scene, host, seen, trace)));
    for (const path of await drivers.traces.aside(scene.folders))
      if (scene.moving.size === 0)
        found.push({
          finding: {
            ...{ host, kind: 'aside', what: `${path} was set aside by a cold migration` },
            hint: 'If the VM runs elsewhere and is whole, remove it by hand; else rename it back.',
          },
        });
    found.push(...(await marksOf(scene, host, seen)));
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
  { drivers, used }: SeenHost,
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
  if (kind === 'rendered') {
    const about = {
      kind: 'file' as const,
      what: `${subject}: a definition that was rendered for a move`,
      repair: 'remove it',
    };
    return ofOwner(scene, host, owner, about, () => drivers.rendered.remove(owner));
  }
  const path = HostPath.parse(subject);
  if (kind !== 'mark') {
    const about = { kind: 'file' as const, what: `${path}: unfinished`, repair: 'remove it' };
    return ofOwner(scene, host, owner, about, () => files.remove([path]));
  }
  const users = await used.usersOf(path);
  if (users === 'unknown') {
    const what = `${path}: marked as made by a migration`;
    const hint = `The disks of a domain on ${host} cannot be read, so that this file may be in use: nothing is removed.`;
    return [{ finding: { host, kind: 'file', what, owner, hint } }];
  }
  const isUsed = users === 'somebody';
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
  { drivers: { hypervisor }, guests }: SeenHost,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const { uuid, name } of guests) {
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
