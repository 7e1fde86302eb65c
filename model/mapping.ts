/** Names of one host for things that have another name on the next: folders, bridges, networks of libvirt's. */
import { z } from 'zod';

/** A folder, without the slash at its end. */
const FOLDER = String.raw`/(?:[^=\x00-\x1f/]+/)*[^=\x00-\x1f/]+`;
const PORT = String.raw`(?:network:[^=\x00-\x1f]{1,200}|[A-Za-z0-9_.-]{1,15})`;

const POOL = String.raw`pool:[^=\x00-\x1f]{1,200}`;
const FORMAT = 'format:(?:raw|qcow2)';

/**
 * `/data/vms=/srv/images`, `pool:ssd=pool:nvme`: what lies in the first folder or pool is to lie in the second one.
 * `format:qcow2=format:raw`: a copy of an image of the first format is one of the second.
 */
export const StorageMap = z
  .string()
  .max(2000)
  .regex(
    new RegExp(`^(?:${FOLDER}/?=${FOLDER}/?|${POOL}=${POOL}|${FORMAT}=${FORMAT})$`),
    'two folders, as in /data/vms=/srv/images, two pools, as in pool:ssd=pool:nvme, or two formats, as in format:qcow2=format:raw',
  )
  .refine((text) => !/(?:^|\/)\.\.?(?:\/|=|$)/.test(text), 'two folders without . and ..');

/** `br0=br-lan`, `network:lan=network:office`: what is attached to the first is to be attached to the second. */
export const NetworkMap = z
  .string()
  .regex(
    new RegExp(`^${PORT}=${PORT}$`),
    'two bridges or networks, as in br0=br-lan or network:lan=network:office',
  );

/** Both kinds, as a host has them for whatever comes to it. */
export const AnyMap = z.union(
  [StorageMap, NetworkMap],
  'two folders, as in /data/vms=/srv/images, or two bridges or networks, as in br0=network:office',
);

/** A rule in two parts. */
export interface Mapped {
  readonly from: string;
  readonly to: string;
}

/** The two sides of a map; folders without the slash at their end. */
export function sidesOf(map: string): Mapped {
  const [from = '', to = ''] = map.split('=').map((side) => side.replace(/\/$/, ''));
  return { from, to };
}

/** Of two maps from one name nobody knows which counts. */
export function isUnambiguous(maps: readonly string[]): boolean {
  const from = maps.map((map) => sidesOf(map).from);
  return new Set(from).size === from.length;
}
