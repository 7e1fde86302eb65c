/** What has the name of something that a cold migration has set aside: if it has, somebody has ended that from outside before it was put back. */
import { present } from '../../model/defined.js';
import { isAway } from '../../model/errors.js';
import { HostPath, type HostName } from '../../model/ids.js';
import { fileOf, type SetAside } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { knownFreeRenames } from '../host/free.js';
import type { UsedFiles } from './used-files.js';
import type { Found, Scene, SeenHost } from './scene.js';

const SUFFIX = '_resize';

/** Put back where the guest can be nowhere else; otherwise a person looks which side has the newer disk. */
export async function asideFindings(
  scene: Scene,
  host: HostName,
  seen: SeenHost,
): Promise<Found[]> {
  const found: Found[] = [];
  for (const path of await seen.drivers.traces.aside(scene.folders))
    found.push(...(await findingOf(scene, host, seen, path)));
  return found;
}

async function findingOf(
  scene: Scene,
  host: HostName,
  { drivers, used }: SeenHost,
  path: string,
): Promise<Found[]> {
  const back = { from: HostPath.parse(path), to: HostPath.parse(path.slice(0, -SUFFIX.length)) };
  const vm = scene.vms.find((one) => one.host === host && isDiskOf(one, back));
  // What an open move has set aside is its own business; so is what might be of one.
  if (vm ? scene.moving.has(vm.uuid) : scene.moving.size > 0) return [];
  // A guest may have a disk of that name: then it is that guest's.
  const users = await usersIn(scene, host, used, back.from);
  if (users.here === 'somebody') return [];
  const whose = vm
    ? `, as a cold migration names what it sets aside of ${vm.name}`
    : ', as a cold migration names what it sets aside';
  const about = {
    host,
    kind: 'aside' as const,
    what: `${path}: named so${whose}`,
  };
  const doubt = doubtOf(users, host);
  if (doubt) return [{ finding: { ...about, hint: doubt } }];
  const others = vm ? othersWith(scene, host, vm) : [];
  const { files } = drivers.storage;
  if (vm && others.length === 0 && (await files.existing([back.to])).length === 0) {
    const renames = knownFreeRenames([back], 'its guest is off, here only, and names it so');
    return [
      {
        finding: { ...about, repair: `rename it back: ${vm.name} needs it to start` },
        mend: () => files.rename(renames),
      },
    ];
  }
  const where = others.length > 0 ? ` ${vm?.name ?? ''} is on ${others.join(', ')} too:` : '';
  const hint = `${where} no guest that drover has seen uses it, and more than its name is not known: find out whose it is. If it is what a move has set aside, compare both sides' disks (qemu-img compare; a copy has the time of its copying), keep the one that the guest has last run from, and undefine the other (virsh undefine); then remove this, or rename it back.`;
  return [{ finding: { ...about, hint: hint.trim() } }];
}

/** Who uses it: of this host's guests, and on which of the others somebody has a file of that name. */
async function usersIn({ hosts }: Scene, here: HostName, used: UsedFiles, path: HostPath) {
  const elsewhere: HostName[] = [];
  for (const [name, other] of hosts)
    if (name !== here && (await isUsedOn(other.used, path))) elsewhere.push(name);
  return { here: await used.usersOf(path), elsewhere };
}

/** Why it may be a guest's own, where that cannot be ruled out. */
function doubtOf(
  { here, elsewhere }: Awaited<ReturnType<typeof usersIn>>,
  host: HostName,
): string | undefined {
  const leave = 'Leave it, unless you know whose it is.';
  if (elsewhere.length > 0)
    return `A guest on ${elsewhere.join(', ')} uses a file of that name: if that is this one, on shared storage, it is that guest’s. ${leave}`;
  if (here === 'unknown')
    return `The disks of a domain on ${host} cannot be read, so a guest may be using it. ${leave}`;
  return undefined;
}

/** One that cannot say now says nothing of it. */
async function isUsedOn(used: UsedFiles, path: HostPath): Promise<boolean> {
  try {
    return (await used.usersOf(path)) === 'somebody';
  } catch (error) {
    if (isAway(error)) return false;
    throw error;
  }
}

const isDiskOf = ({ disks }: Pick<Vm, 'disks'>, { to }: SetAside): boolean =>
  disks.some((disk) => {
    const file = fileOf(disk);
    return file !== undefined && (file === to || file.startsWith(`${to}/`));
  });

/** Other hosts that know the guest, or could, since nobody has heard of them; and this one, if it runs here. */
function othersWith({ hosts, known }: Scene, here: HostName, { uuid }: Vm): string[] {
  const runsHere = hosts
    .get(here)
    ?.guests.some((guest) => guest.uuid === uuid && guest.state !== 'shutoff');
  const elsewhere = known.flatMap((name) => {
    if (name === here) return [];
    const seen = hosts.get(name);
    return !seen || seen.guests.some((guest) => guest.uuid === uuid) ? [name] : [];
  });
  return [...present([runsHere ? here : undefined]), ...elsewhere];
}
