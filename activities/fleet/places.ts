/** Domains and bindings: a guest on two hosts, one that is not where the inventory has it, rules for a guest that is not there. */
import type { GuestOnHost } from '../../drivers/interfaces/hypervisor/facts.js';
import { CodedError } from '../../model/errors.js';
import { Device, type HostName } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { unbindUnshared } from '../network/unbinding.js';
import { readVm } from '../vm/read.js';
import type { Found, Scene, SeenHost } from './scene.js';

interface At {
  readonly host: HostName;
  readonly guest: GuestOnHost;
}

/** Each guest with the hosts that it is on; guests that are being moved are passed over. */
export function placesOf(scene: Scene): Places {
  const places = new Map<string, At[]>();
  for (const [host, { guests }] of scene.hosts)
    for (const guest of guests)
      if (!scene.moving.has(guest.uuid))
        places.set(guest.uuid, [...(places.get(guest.uuid) ?? []), { host, guest }]);
  return places;
}
type Places = ReadonlyMap<string, readonly At[]>;

/** Guests on two hosts, and on another one than the inventory has. */
export const placeFindings = (scene: Scene, places: Places): Found[] =>
  [...places.values()].flatMap((at) => [...twice(at), ...misplaced(scene, at)]);

function twice(at: readonly At[]): Found[] {
  const [first] = at;
  if (!first || at.length < 2) return [];
  const active = at.filter(({ guest }) => isActive(guest.state));
  const what = `${first.guest.name} is on ${at.map(({ host, guest }) => `${host} (${guest.state})`).join(' and ')}`;
  const hint =
    active.length > 1
      ? 'Both may write to its disks. Pause one (virsh suspend), find out which has the newer data, and end the other.'
      : 'If the definition that is off is no longer needed, run virsh undefine on that host.';
  return [{ finding: { host: first.host, kind: 'twice', what, hint } }];
}

/** Where host and inventory differ, the host is right. */
function misplaced({ deps, hosts, vms }: Scene, at: readonly At[]): Found[] {
  const active = at.filter(({ guest }) => isActive(guest.state));
  const [only] = active.length > 0 ? active : at;
  if (!only || active.length > 1) return [];
  const known = vms.find(({ uuid }) => uuid === only.guest.uuid);
  const drivers = hosts.get(only.host)?.drivers;
  if (!known || known.host === only.host || !drivers) return [];
  return [
    {
      finding: {
        host: only.host,
        kind: 'inventory',
        repair: 'record it as the host has it',
        what: `${known.name} is on ${only.host}, the inventory has it on ${known.host}`,
      },
      async mend() {
        const { vm, xml } = await readVm(drivers, only.guest);
        await deps.inventory.putVm(vm, xml);
      },
    },
  ];
}

/** Rules in drover's own table for a port whose guest is not on that host. */
export async function strayBindings(
  { vms, moving }: Scene,
  places: Places,
  host: HostName,
  { drivers }: SeenHost,
): Promise<Found[]> {
  const found: Found[] = [];
  // One that is moving, and that the inventory has forgotten, may have any port.
  const isOneUnknown = [...moving].some((uuid) => !vms.some((vm) => vm.uuid === uuid));
  for (const { mac, tap, state } of await drivers.network.bindings()) {
    // Clones may share an address: each of them may be the one that is here.
    const owners = vms.filter(({ ports }) => ports.some((port) => port.mac === mac));
    const isHere = owners.some(({ uuid }) => places.get(uuid)?.some((at) => at.host === host));
    if (isHere || owners.some(({ uuid }) => moving.has(uuid))) continue;
    if (owners.length === 0 && isOneUnknown) continue;
    const [vm] = owners;
    const what = `the port ${mac} (${tap}) is bound, ${state}, and ${vm ? `${vm.name} is not here` : 'no VM of the inventory has it'}`;
    const port = vm?.ports.find((candidate) => candidate.mac === mac);
    if (!port) {
      const hint = 'Run drover discover; if it stays, check nft list table bridge drover.';
      found.push({ finding: { host, kind: 'binding', what, hint } });
      continue;
    }
    found.push({
      finding: { host, kind: 'binding', what, repair: 'remove its rules' },
      async mend() {
        const stray = [{ ...port, tap: Device.parse(tap) }];
        const { kept } = await unbindUnshared(drivers, undefined, stray);
        if (kept.length > 0) throw new CodedError('BINDING_FAILED', `kept: ${kept.join('; ')}`);
      },
    });
  }
  return found;
}
