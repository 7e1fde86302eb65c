/**
 * What drover's record says of a VM and a definition only proposes: the project, the groups and addresses of its ports, its
 * anti-affinity. Whoever may change the definition's metadata (libvirt lets many) must not choose them by that (S19).
 */
import { defined } from '../../model/defined.js';
import type { Port } from '../../model/network.js';
import { objection, type Objection } from '../../model/objection.js';
import type { Vm } from '../../model/vm.js';

type Owned = Pick<Vm, 'name' | 'project' | 'antiAffinity' | 'ports'>;

/** What the metadata says otherwise than the record. */
export function changesOf(known: Owned, seen: Owned): string[] {
  const changes: string[] = [];
  const compare = (what: string, was: string, is: string) => {
    if (was !== is) changes.push(`${what} ${is || 'none'} instead of ${was || 'none'}`);
  };
  compare('project', known.project, seen.project);
  compare('anti-affinity', known.antiAffinity ?? '', seen.antiAffinity ?? '');
  for (const port of seen.ports) {
    // An interface that has come since has no record yet: it is as unfiltered as it was when it came.
    const was = known.ports.find(({ mac }) => mac === port.mac);
    if (!was) continue;
    compare(`groups of ${port.mac}`, was.groups.join(' '), port.groups.join(' '));
    compare(`address of ${port.mac}`, was.ip ?? '', port.ip ?? '');
  }
  return changes;
}

/** The same as what keeps it from moving. */
export const changeObjections = (known: Owned, seen: Owned, host: string): Objection[] => {
  const changes = changesOf(known, seen);
  return changes.length === 0
    ? []
    : [
        objection(
          'its metadata',
          `says ${changes.join(', ')}: nobody has told drover`,
          `drover discover ${host} takes it over, which the policy may allow to some only; or put it back`,
        ),
      ];
};

/** The ports as they are, with the groups and addresses of the record. */
export const withOwned = (known: Owned, ports: readonly Port[]): Port[] =>
  ports.map((port) => {
    const was = known.ports.find(({ mac }) => mac === port.mac);
    if (!was) return port;
    const { ip: _seen, ...rest } = port;
    return { ...rest, groups: was.groups, ...defined({ ip: was.ip }) };
  });
