/** Networks of the target that are others than the source's of the same name. */
import { objection, type Objection } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';
import type { Question } from './objections.js';

/** Two networks of one name may connect to different things. */
export async function networksAlike({ vm, source, target }: Question): Promise<Objection[]> {
  const ports = vm.ports.filter(({ network, target: to }) => network !== undefined && !to);
  if (ports.length === 0) return [];
  const [here, there] = await Promise.all([
    source.hypervisor.networks(),
    target.hypervisor.networks(),
  ]);
  const modes = [...new Set(ports.map(({ network }) => network))].flatMap((name) => {
    const [mine, theirs] = [here, there].map((networks) =>
      networks.find((one) => one.name === name),
    );
    if (!mine?.mode || !theirs?.mode || mine.mode === theirs.mode) return [];
    return [
      objection(
        `network ${mine.name}`,
        `is another one on ${target.host.name}: ${theirs.mode} there, ${mine.mode} on ${source.host.name}`,
        `give both the same mode (virsh net-edit ${shellWord(mine.name)})`,
        { accept: 'other-network' },
      ),
    ];
  });
  const groups = ports.flatMap(({ mac, network, portgroup }) => {
    const theirs = there.find(({ name }) => name === network);
    if (!portgroup || !theirs || theirs.portgroups.includes(portgroup)) return [];
    return [
      objection(
        `interface ${mac}`,
        `is in the portgroup ${portgroup} of ${theirs.name}, which ${target.host.name} does not have`,
        `add it there (virsh net-edit ${shellWord(theirs.name)})`,
      ),
    ];
  });
  return [...modes, ...groups];
}
