/** Where a guest's disks and ports are to be on a target, by the maps of the request and of the host. */
import { Device, HostPath } from '../model/ids.js';
import { sidesOf, type Mapped } from '../model/mapping.js';
import type { Port } from '../model/network.js';
import type { Placement } from '../model/placement.js';
import { fileOf, type Disk } from '../model/storage.js';
import type { Vm } from '../model/vm.js';

/** By the first of the lists that says something of it: the request's own come before the host's. */
export function placementBy(vm: Vm, ...lists: readonly (readonly string[])[]): Placement {
  const rules = lists.map((maps) => maps.map(sidesOf));
  return {
    disks: Object.fromEntries(vm.disks.flatMap((disk) => placeOfDisk(disk, rules))),
    ports: Object.fromEntries(vm.ports.flatMap((port) => placeOfPort(port, rules))),
  };
}

/** Maps that meet nothing of the guest: most likely they were mistyped. */
export const idleMaps = (vm: Vm, maps: readonly string[]): string[] =>
  maps.filter((map) => {
    const { disks, ports } = placementBy(vm, [map]);
    return Object.keys(disks).length + Object.keys(ports).length === 0;
  });

function placeOfDisk(
  disk: Disk,
  lists: readonly (readonly Mapped[])[],
): [string, Placement['disks'][string]][] {
  const path = fileOf(disk);
  if (path === undefined) return [];
  for (const rules of lists) {
    const rule = innermost(rules.filter(({ from }) => path.startsWith(`${from}/`)));
    if (!rule) continue;
    const to = HostPath.parse(`${rule.to}${path.slice(rule.from.length)}`);
    return [[disk.device, { kind: 'file', path: to }]];
  }
  return [];
}

/** Of two folders, one in the other, the inner one is meant. */
const innermost = (rules: readonly Mapped[]): Mapped | undefined =>
  [...rules].sort((a, b) => b.from.length - a.from.length)[0];

const NETWORK = 'network:';

function placeOfPort(
  { mac, bridge, network }: Port,
  lists: readonly (readonly Mapped[])[],
): [string, Placement['ports'][string]][] {
  // A port of a network is on a bridge as well, which that network names on each host.
  const name = network === undefined ? bridge : `${NETWORK}${network}`;
  const rule = lists.flat().find(({ from }) => from === name);
  if (!rule) return [];
  const to = rule.to.startsWith(NETWORK)
    ? { network: rule.to.slice(NETWORK.length) }
    : { bridge: Device.parse(rule.to) };
  return [[mac, to]];
}
