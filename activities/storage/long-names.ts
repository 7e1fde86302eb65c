/** drover names what it makes beside a guest's files after them: a name that leaves no room for that would be found out with the guest off. */
import { overlayOf } from '../../model/overlay.js';
import { present } from '../../model/defined.js';
import type { HostName, MigrationId } from '../../model/ids.js';
import { objection, type Move, type Objection } from '../../model/objection.js';
import type { Route } from '../../model/route.js';
import {
  asideOf,
  fileOf,
  folderOf,
  isVariables,
  ownFolderOnTarget,
  setAsidesOf,
  targetFileOf,
  travels,
  type DiskPlan,
} from '../../model/storage.js';

/** What a file system takes (NAME_MAX), in bytes of UTF-8. */
const NAME_BYTES = 255;
/** What drover takes as a path (`HostPath`), in characters. */
const PATH_LENGTH = 1024;

/** How the guest moves. */
interface Way {
  readonly move: Move;
  readonly isWarm: boolean;
}

/** A name of a guest's own, and the longest that is made from it. */
interface Named {
  readonly path: string;
  readonly made: string;
  readonly on: HostName;
}

/** Names beside which there is no room for drover's own. */
export function longNameObjections(
  route: Route,
  disks: readonly DiskPlan[],
  way: Way,
): Objection[] {
  return disks.flatMap((disk) =>
    [...namedHere(route, disks, disk, way), ...namedThere(route, disk, way)].flatMap((named) =>
      tooLong(disk, named),
    ),
  );
}

/** On the source: what is set aside, and what a warm copy or a flattening puts beside it. */
function namedHere(
  route: Route,
  disks: readonly DiskPlan[],
  disk: DiskPlan,
  { move, isWarm }: Way,
): Named[] {
  const path = fileOf(disk);
  if (path === undefined || move === 'live') return [];
  const { migrationId, source: on } = route;
  const renamed = setAsidesOf([disk], route).map(({ from, to }) => ({ path: from, made: to, on }));
  if (disk.handling !== 'copy') return renamed;
  const aside = asideOf(path, setAsidesOf(disks, route));
  const beside = present([
    isWarm && !isVariables(disk) ? overlayOf(path, migrationId) : undefined,
    disk.inspection.backing.length > 0 ? `${aside}.flat-${migrationId}` : undefined,
  ]);
  return [...renamed, ...beside.map((made) => ({ path, made, on }))];
}

/** On the target: marks, and unfinished files, which are no longer. */
function namedThere(route: Route, disk: DiskPlan, { isWarm }: Way): Named[] {
  const path = targetFileOf(disk);
  if (path === undefined || !travels(disk)) return [];
  const { migrationId, target: on } = route;
  const isOverlaid = isWarm && disk.handling === 'copy' && !isVariables(disk);
  const top = isOverlaid ? overlayOf(path, migrationId) : path;
  const below = disk.inspection.backing.map((file) => file.path);
  const beside = [...below, ...below.map(folderOf), ...present([ownFolderOnTarget(disk, route)])];
  return [
    { path, made: markOf(top, migrationId), on },
    ...beside.map((one) => ({ path: one, made: markOf(one, migrationId), on })),
  ];
}

/** The longest of the marks: of a last copy. */
const markOf = (path: string, owner: MigrationId): string => `${path}.drover-last-${owner}`;

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

function tooLong({ device }: DiskPlan, { path, made, on }: Named): Objection[] {
  const most = NAME_BYTES - (bytesOf(nameOf(made)) - bytesOf(nameOf(path)));
  const isName = bytesOf(nameOf(path)) > most;
  if (!isName && made.length <= PATH_LENGTH) return [];
  const why = isName
    ? `the name of ${path} has ${bytesOf(nameOf(path))} bytes`
    : `the path ${path} has ${path.length} characters`;
  const limit = isName
    ? `a name of at most ${most} bytes`
    : `a path of at most ${PATH_LENGTH - (made.length - path.length)} characters`;
  return [
    objection(
      `disk ${device}`,
      `leaves no room for the names that this move makes beside it on ${on}: ${why}`,
      `give it ${limit} while the guest is off (mv, then virsh edit)`,
    ),
  ];
}
