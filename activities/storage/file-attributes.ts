/** What the files of a guest have that no copy of them will have: said, since it is not brought. */
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { Route } from '../../model/route.js';
import { present } from '../../model/defined.js';
import { fileOf, folderOf, travels, type DiskPlan } from '../../model/storage.js';
import type { HostPath } from '../../model/ids.js';
import type { Ends } from '../guest/location.js';

/** A line for each file or folder that is made on the target and has more than an owner and a mode on the source. */
export async function attributeRemarks(
  { source }: Ends,
  route: Route,
  disks: readonly DiskPlan[],
  beside: readonly HostPath[],
): Promise<string[]> {
  const made = [...new Set([...disks.filter(travels).flatMap(madeFor), ...beside])];
  if (made.length === 0) return [];
  const facts = await source.storage.files.look(made);
  return facts.filter(({ extras }) => extras.length > 0).map((one) => remarkOn(one, route));
}

/** Its file, its folder if that is its guest's, and what lies below it, which may be brought. */
const madeFor = (disk: DiskPlan): HostPath[] => {
  const file = fileOf(disk);
  const own = file && disk.isInOwnFolder ? folderOf(file) : undefined;
  return [...present([file, own]), ...disk.inspection.backing.map(({ path }) => path)];
};

/** With an ACL, the mode of its group is what the ACL gives anybody at most. */
const remarkOn = ({ path, mode, extras }: FileFacts, { source, target }: Route): string => {
  const isWider = extras.includes('ACL') && mode.at(-2) !== '0';
  const group = isWider ? `; its mode ${mode} holds for its whole group there` : '';
  return `${path} has ${extras.join(', ')} on ${source}, which its copy on ${target} will not have${group}: set it there again, if it is needed (getfacl, getfattr, lsattr show it)`;
};
