/** What a cold migration has set aside, and has not put back since somebody has ended it from outside. */
import { present } from '../../model/defined.js';
import { HostPath, type HostName } from '../../model/ids.js';
import { fileOf, type SetAside } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { knownFreeRenames } from '../host/free.js';
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
  { drivers }: SeenHost,
  path: string,
): Promise<Found[]> {
  const back = { from: HostPath.parse(path), to: HostPath.parse(path.slice(0, -SUFFIX.length)) };
  const vm = scene.vms.find((one) => one.host === host && isDiskOf(one, back));
  // What an open move has set aside is its own business; so is what might be of one.
  if (vm ? scene.moving.has(vm.uuid) : scene.moving.size > 0) return [];
  const whose = vm ? ` of ${vm.name}` : '';
  const about = {
    host,
    kind: 'aside' as const,
    what: `${path}${whose} was set aside by a cold migration`,
  };
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
  const hint = `${where} compare both sides' disks (qemu-img compare; a copy has the time of its copying), keep the one that the guest has last run from, and undefine the other (virsh undefine); then remove this, or rename it back.`;
  return [{ finding: { ...about, hint: hint.trim() } }];
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
