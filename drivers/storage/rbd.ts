/** Ceph RBD volumes, by QEMU's own client (librbd). */
import { defined } from '../../model/defined.js';
import { shellWord } from '../../model/shell-word.js';
import type { NetworkSource } from '../../model/storage.js';
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
  attempt: (source) => {
    const { hosts, config } = source;
    const monitors = hosts.map(({ name }) => name).join(',');
    const where = config ? ` --conf ${shellWord(config)}` : monitors ? ` -m ${monitors}` : '';
    return `rbd info ${shellWord(RBD.url(source).slice('rbd:'.length))}${where}`;
  },
};

/** As libvirt cuts it: the pool ends at the first slash. */
function partsOf({ name }: NetworkSource): [string, string] {
  const slash = name.indexOf('/');
  return [name.slice(0, Math.max(slash, 0)), name.slice(slash + 1)];
}
