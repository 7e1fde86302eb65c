/** Files, claims and marks of migrations that are over. */
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import type { Trace } from '../../drivers/interfaces/traces.js';
import { CodedError } from '../../model/errors.js';
import { HostPath, type HostName, type MigrationId } from '../../model/ids.js';
import { shellWord } from '../../model/shell-word.js';
import { usersElsewhere } from '../host/elsewhere.js';
import { knownFree } from '../host/free.js';
import type { Found, Scene, SeenHost } from './scene.js';

/** Files on one host that carry a migration's id. */
export async function traceFindings(
  scene: Scene,
  host: HostName,
  seen: SeenHost,
): Promise<Found[]> {
  const { traces } = seen.drivers;
  const found: Found[] = [];
  for (const trace of await traces.find(scene.folders))
    found.push(
      ...(await (trace.kind === 'device'
        ? ofDevice(scene, host, trace)
        : ofTrace(scene, host, seen, trace))),
    );
  return found;
}

/** Reservations. */
export async function claimFindings(scene: Scene): Promise<Found[]> {
  const found: Found[] = [];
  for (const { host, migrationId, memoryBytes } of scene.claims) {
    const what = `a reservation of ${memoryBytes} bytes of memory on ${host}`;
    const mend = () => scene.deps.inventory.release(migrationId);
    const about = { kind: 'claim' as const, what, repair: 'release it' };
    found.push(...(await ofOwner(scene, host, migrationId, about, mend)));
  }
  return found;
}

async function ofTrace(
  scene: Scene,
  host: HostName,
  seen: SeenHost,
  { kind, owner, subject }: Trace,
): Promise<Found[]> {
  const { drivers } = seen;
  const { files } = drivers.storage;
  const work = workOf(drivers, { kind, owner, subject });
  if (work) return ofOwner(scene, host, owner, work.about, work.mend);
  const { data: path } = HostPath.safeParse(subject);
  if (!path) {
    const what = `${JSON.stringify(subject)}: looks like a migration's file, but drover never uses such a name`;
    return [{ finding: { host, kind: 'file', what, owner, hint: 'Check it by hand.' } }];
  }
  if (kind === 'part' || kind === 'probe') {
    const about = { kind: 'file' as const, what: `${path}: unfinished`, repair: 'remove it' };
    return ofOwner(scene, host, owner, about, () =>
      files.remove(knownFree([path], 'its name has the id of a migration that is over')),
    );
  }
  // An open move has its own probes under that name, and its last copies.
  if ((await scene.context.runOf(owner))?.isOpen) return [];
  const users = await usersOf(scene, seen, owner, path);
  if (kind === 'last' && users.are !== 'somebody')
    return [{ finding: lastCopy(host, owner, path) }];
  const made = kind === 'last' ? 'kept as a last copy' : 'marked as made by a migration';
  if (users.are === 'unknown') {
    const what = `${path}: ${made}`;
    const hint =
      users.unasked.length > 0
        ? `${users.unasked.join(', ')} does not answer, and may have a guest on it: nothing is removed.`
        : `The disks of a domain on ${host} cannot be read, so this file may be in use: nothing is removed.`;
    return [{ finding: { host, kind: 'file', what, owner, hint } }];
  }
  const isUsed = users.are === 'somebody';
  const about = {
    kind: 'file' as const,
    what: `${path}: ${made}${isUsed ? ', and used by a domain' : ''}`,
    repair: isUsed ? 'drop the mark, keep the file' : 'remove it',
  };
  return ofOwner(scene, host, owner, about, async () => {
    if (isUsed) return files.keep([path]);
    const free = knownFree([path], 'nobody uses it: see above');
    const [stays] = await files.removeOwned(free, owner);
    if (stays)
      throw new CodedError('UNDO_UNVERIFIED', `${path} stays, without its mark: ${stays.because}`);
  });
}

/** Who uses a file by now, here or on another host. What libvirt keeps for a domain, a TPM's state, is that domain's. */
async function usersOf(
  { deps }: Scene,
  { drivers, used, guests }: SeenHost,
  owner: MigrationId,
  path: HostPath,
): Promise<{ are: 'nobody' | 'somebody' | 'unknown'; unasked: readonly string[] }> {
  const asked = { host: drivers, token: owner };
  const { users, unasked } = await usersElsewhere(deps, asked, [path]);
  const isOfGuest = guests.some(({ uuid }) => path.split('/').includes(uuid));
  if (users.size > 0 || isOfGuest) return { are: 'somebody', unasked };
  return { are: unasked.length > 0 ? 'unknown' : await used.usersOf(path), unasked };
}

/** What a step kept for itself while it worked. */
function workOf({ traces, rendered }: SeenHost['drivers'], { kind, owner, subject }: Trace) {
  if (kind === 'copy') {
    const what = `${subject}: what a copy needed`;
    const about = { kind: 'copy' as const, what, repair: 'end it and remove its folder' };
    return { about, mend: () => traces.removeCopies(owner) };
  }
  if (kind !== 'rendered') return undefined;
  const what = `${subject}: a definition that was rendered for a move`;
  const about = { kind: 'file' as const, what, repair: 'remove it' };
  return { about, mend: () => rendered.remove(owner) };
}

/** A device that is half written, or has a last copy: a person looks at it, since drover writes into none of which a move is over. */
async function ofDevice(
  { context }: Scene,
  host: HostName,
  { owner, subject: path }: Trace,
): Promise<Found[]> {
  if ((await context.runOf(owner))?.isOpen) return [];
  const what = `${path}: a block device that a move has written into, and has not given back`;
  const hint = `Look whether a guest uses it, and whether its copy is needed. If not: blkdiscard -z ${shellWord(path)} on ${host}; then remove its mark there (grep -l ${owner} /var/lib/drover/device-*).`;
  return [{ finding: { host, kind: 'file', what, owner, hint } }];
}

/** A person has to look at it: drover removes no last copy. */
const lastCopy = (host: HostName, owner: MigrationId, path: HostPath): Found['finding'] => ({
  host,
  kind: 'aside',
  what: `${path}: kept when a move was taken back, because it was the last copy then`,
  owner,
  hint: `Compare it with what the guest has. If nobody needs it, nor an image that lies over it: rm ${shellWord(path)} ${shellWord(`${path}.drover-last-${owner}`)} on ${host}.`,
});

/** The migration's mark in a domain. */
export async function markFindings(
  scene: Scene,
  host: HostName,
  { drivers: { hypervisor } }: SeenHost,
  { uuid, name }: GuestOnHost,
): Promise<Found[]> {
  const mark = (await hypervisor.readMark(uuid))?.mark;
  if (!mark) return [];
  const what = `${name} has a migration's mark`;
  const about = { kind: 'mark' as const, what, repair: 'remove the mark' };
  return ofOwner(scene, host, mark.migrationId, about, () => hypervisor.writeMark(uuid, undefined));
}

/** The finding about something a migration left: none while that migration is open, and no repair if Temporal does not know it. */
export async function ofOwner(
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
      'This drover knows no migration with that id; it may belong to another drover. Check before you remove anything.';
    return [{ finding: { host, ...rest, owner, hint } }];
  }
  return [{ finding: { host, ...rest, owner, workflowId: run.workflowId, repair }, mend }];
}
