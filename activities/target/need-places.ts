/** Files that a guest's start reads by a path of its definition, as root or as QEMU: none of the system's, whoever wrote that path (S6, S7). */
import type { Need } from '../../model/need.js';
import { climbs } from '../../model/ids.js';
import { objection, type Objection } from '../../model/objection.js';
import { FOR_GUESTS, inSystemFolder, straightened } from '../../model/system-folders.js';
import type { Question } from './objections.js';

const SYSTEM = inSystemFolder();
/** QEMU or libvirt writes there, as whoever the guest says. */
const WRITTEN: readonly PathNeed['is'][] = ['new file', 'appended file', 'folder', 'place'];
/** Where hosts have their programs; a guest's storage is none of them. */
const PROGRAMS = /^\/(?:usr|opt|nix|snap|gnu|run\/current-system|run\/libvirt\/nix-emulators)\//;

/** How drover itself asks for a network device. */
const NETWORK_DEVICE = /^\/sys\/class\/net\/[^/]+$/;

type PathNeed = Extract<Need, { kind: 'path' }>;

/** Where libvirt listens, and guests' monitors do. */
const LIBVIRTS = /^\/(?:(?:var\/)?run\/(?:user\/\d+\/)?libvirt|var\/lib\/libvirt\/qemu)\//;

/** Asks the target where the paths lead, through its links. */
export async function placesNeeded({ vm, target, route, move }: Question): Promise<Objection[]> {
  const asked = vm.needs.flatMap(({ about, need, moves }) =>
    need.kind === 'path' && moves.includes(move) ? [{ about, need }] : [],
  );
  const paths = [...new Set(asked.map(({ need }) => need.path).filter((path) => !climbs(path)))];
  const facts = paths.length > 0 ? await target.storage.files.look(paths) : [];
  const realOf = (path: string) => facts.find((one) => one.path === path)?.real ?? path;
  const kindOf = (path: string) => facts.find((one) => one.path === path)?.kind;
  return asked.flatMap(({ about, need }) => [
    ...objectionTo(about, need, realOf(need.path), route.target),
    ...intoHost(about, need, { real: realOf(need.path), kind: kindOf(need.path) }, route.target),
  ]);
}

/** Whoever talks to these can have the host do anything, as root. */
const COMMANDING =
  /^\/(?:var\/)?run\/(?:docker(?:\.sock$|\/)|containerd\/|podman\/|crio\/|dbus\/|systemd\/|lxd\/|incus\/|snapd|multipathd|udev\/|openvswitch\/(?:db\.sock|[^/]*\.(?:ctl|mgmt))$)/;

/** No guest talks to libvirt, or to what commands the host, or has a disk of the host's as a device of another kind. */
function intoHost(
  about: string,
  { is, path }: PathNeed,
  { real, kind }: { readonly real: string; readonly kind: string | undefined },
  host: string,
): Objection[] {
  if (is !== 'anything' && is !== 'device') return [];
  const edit = 'name another (virsh edit)';
  if (kind === 'block')
    return [objection(about, `is ${path}, which is a block device of ${host}`, edit)];
  const places = [path, real].map(straightened);
  if (places.some((place) => LIBVIRTS.test(place)))
    return [objection(about, `is ${path}, by which libvirt itself is reached on ${host}`, edit)];
  return places.some((place) => COMMANDING.test(place))
    ? [objection(about, `is ${path}, by which ${host} itself is commanded`, edit)]
    : [];
}

/** Pure, so that every case can be tried. */
export function objectionTo(
  about: string,
  { is, path }: PathNeed,
  real: string,
  host: string,
): Objection[] {
  const edit = 'name another file (virsh edit)';
  if (NETWORK_DEVICE.test(path)) return [];
  if (climbs(path)) return [objection(about, `is ${path}, which leads through ..`, edit)];
  const name = real === path ? path : `${path}, which is ${real} on ${host}`;
  const places = [path, real].map(straightened);
  if (about.startsWith('emulator'))
    return places.every((place) => PROGRAMS.test(place))
      ? []
      : [
          objection(about, `is ${name}, where no host has its programs`, edit, {
            accept: 'devices/emulator',
          }),
        ];
  if (
    !places.some((place) => SYSTEM.test(place) && (WRITTEN.includes(is) || !FOR_GUESTS.test(place)))
  )
    return [];
  return WRITTEN.includes(is)
    ? [objection(about, `would be made in ${name}, a folder of the system`, edit)]
    : [
        objection(about, `is ${name}, a file of the system that the guest would read`, edit, {
          accept: 'system-file',
        }),
      ];
}
