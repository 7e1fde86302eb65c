/** What of the VM, or in its way, is on the target already: asked before anything is touched. */
import { shellWord } from '../../model/shell-word.js';
import type { HostPath } from '../../model/ids.js';
import {
  arrivingFiles,
  fileOf,
  ownFolderOnTarget,
  targetFileOf,
  type DiskPlan,
} from '../../model/storage.js';
import type { Ends } from '../guest/location.js';
import { macsOf } from '../host/addresses.js';
import { usedAmong } from '../host/uses.js';
import type { Question } from './objections.js';

/** A domain, address, disk or folder of the VM that is already on the target belongs to something we do not know. */
export async function leftoverObjections(question: Question): Promise<string[]> {
  const { route, vm, disks, target, neighbours } = question;
  const paths = arrivingFiles(disks);
  const own = disks.flatMap((disk) => {
    const folder = targetFileOf(disk) && ownFolderOnTarget(disk, vm);
    return folder && disk.handling !== 'shared' ? [folder] : [];
  });
  const written = arrivingFiles(disks.filter(({ isReadOnly }) => !isReadOnly));
  const [guests, uses, existing, claimed] = await Promise.all([
    target.hypervisor.guests(),
    macsOf(neighbours),
    paths.length > 0 ? staleOn(question, paths, own) : [],
    // One that is off may wait for a file that is not there now.
    usedAmong(neighbours, written, { isUnclearFree: true }),
  ]);
  return [
    ...guests
      .filter(({ uuid }) => uuid === route.uuid)
      .map(({ state }) => `it has this domain already (${state})`),
    ...guests
      .filter((guest) => guest.uuid !== route.uuid && guest.name === vm.name)
      .map(({ uuid }) => `another domain ${uuid} has the name ${vm.name} there`),
    ...vm.ports.flatMap(({ mac }) =>
      uses
        .withMac(mac)
        .map((name) => `${name} has the address ${mac} there: give one of them another`),
    ),
    ...uses.untold,
    ...[...claimed].map(([path, by]) => `${path} is that of ${by}: give one of them another path`),
    ...(await inTheWay(
      target,
      existing.filter((path) => !claimed.has(path)),
    )),
  ];
}

/** What each is, since an empty folder may have been made for this very move. */
async function inTheWay(
  { storage: { files } }: Ends['target'],
  paths: readonly HostPath[],
): Promise<string[]> {
  const facts = paths.length > 0 ? await files.look(paths) : [];
  return Promise.all(
    paths.map(async (path, index) => {
      const isFolder = facts[index]?.kind === 'folder';
      if (isFolder && (await files.within(path)).length === 0)
        return `${path} is there already, an empty folder: remove it (rmdir ${shellWord(path)}), since drover makes its own`;
      return `${path} is there already, a ${isFolder ? 'folder with something in it' : 'file'}: find out whose it is (drover audit names what a move has left); if nobody’s, remove it`;
    }),
  );
}

/**
 * Files in the way, and folders: but not one in which a neighbour has something, which the VM may have left there for it, and no
 * read-only image that is as long as the source's, which is used if it is the same.
 */
async function staleOn(
  { target, source, neighbours, disks }: Question,
  paths: readonly HostPath[],
  folders: readonly HostPath[],
): Promise<HostPath[]> {
  const existing = await target.storage.files.existing([...new Set([...paths, ...folders])]);
  const found = existing.filter((path) => folders.includes(path) && !paths.includes(path));
  const [used, usable] = await Promise.all([
    usedAmong(neighbours, found),
    usableOn({ source, target }, disks, existing),
  ]);
  return existing.filter((path) => !used.has(path) && !usable.has(path));
}

/** Read-only images that the target has already, by their length: their content is compared when they would be fetched. */
async function usableOn(
  { source, target }: Ends,
  disks: readonly DiskPlan[],
  existing: readonly HostPath[],
): Promise<Set<HostPath>> {
  const images = disks.flatMap((disk) => {
    const [here, there] = [fileOf(disk), targetFileOf(disk)];
    const isAsked = disk.handling === 'static' && here && there && existing.includes(there);
    return isAsked ? [{ here, there }] : [];
  });
  if (images.length === 0) return new Set();
  const [mine, theirs] = await Promise.all([
    source.storage.files.look(images.map(({ here }) => here)),
    target.storage.files.look(images.map(({ there }) => there)),
  ]);
  const isAlike = (index: number) =>
    theirs[index]?.kind === 'file' && theirs[index].sizeBytes === mine[index]?.sizeBytes;
  return new Set(images.filter((_image, index) => isAlike(index)).map(({ there }) => there));
}
