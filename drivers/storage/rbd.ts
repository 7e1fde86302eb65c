/** Ceph RBD volumes, by QEMU's own client (librbd). */
import { z } from 'zod';
import { defined } from '../../model/defined.js';
import { shellWord } from '../../model/shell-word.js';
import type { NetworkSource } from '../../model/storage.js';
import { WATCHERS } from './rbd-scripts.js';
import type { Protocol } from './volumes.js';

/** QEMU's driver `rbd`. libvirt's name is `pool/image`; without monitors librados finds them in its own configuration. */
export const RBD: Protocol = {
  name: 'rbd',
  password: 'file.key-secret',
  options(_disk, source) {
    const [pool, image] = partsOf(source);
    const monitors = source.hosts.flatMap(({ name, port }, index) => [
      [`file.server.${index}.host`, name],
      [`file.server.${index}.port`, String(port)],
    ]);
    return defined({
      'file.pool': pool,
      'file.image': image,
      'file.snapshot': source.snapshot,
      'file.conf': source.config,
      'file.user': source.auth?.user,
      ...(Object.fromEntries(monitors) as Record<string, string>),
    });
  },
  url: ({ name, snapshot }) => `rbd:${name}${snapshot === undefined ? '' : `@${snapshot}`}`,
  openers: {
    script: WATCHERS,
    args(source) {
      const monitors = source.hosts.map(({ name, port }) => `${name}:${port}`).join(',');
      return [...partsOf(source), source.auth?.user ?? '', monitors, source.config ?? ''];
    },
    read: (text) => {
      const { data } = Status.safeParse(parsed(text));
      return data?.watchers.map(({ address }) => address.replace(/:\d+\/\d+$/, ''));
    },
  },
  attempt: (source) => {
    const { hosts, config } = source;
    const monitors = hosts.map(({ name }) => name).join(',');
    const where = config ? ` --conf ${shellWord(config)}` : monitors ? ` -m ${monitors}` : '';
    return `rbd info ${shellWord(RBD.url(source).slice('rbd:'.length))}${where}`;
  },
};

/** `rbd status --format json`: only what is read of it. */
const Status = z.object({ watchers: z.array(z.object({ address: z.string() })) });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As libvirt cuts it: the pool ends at the first slash. */
function partsOf({ name }: NetworkSource): [string, string] {
  const slash = name.indexOf('/');
  return [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
}
