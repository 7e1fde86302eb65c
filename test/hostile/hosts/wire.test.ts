/** A copy on its way between hosts is for its target alone (S3). */
import type { Migration } from '../../../client/migration.js';
import { GUEST } from '../../../lab/framework/guest.js';
import { onHost } from '../../../lab/everyday.js';
import { untilSending } from '../../../lab/moves.js';
import { booted, closeLab, connectLab, moveTo, startCold, type Lab } from '../../helpers/lab.js';

jest.setTimeout(180_000);

const guest = GUEST.blk1;
let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(async () => {
  await moveTo(lab, guest.vm, 'h1');
  await booted(guest.ip);
  // Enough to have a middle.
  await guest.fill(8);
});

let migration: Migration | undefined;
afterEach(async () => {
  await migration?.abort();
  await migration?.result().catch(() => undefined);
});

/** Where the export waits, as the source's kernel says. */
const exportOn = async (host: string): Promise<[address: string, port: string]> => {
  const listening = await onHost(host, 'ss -Hltnp | grep qemu-nbd');
  const [, address = '', port = ''] = /(\d+\.\d+\.\d+\.\d+):(\d+)/.exec(listening) ?? [];
  return [address, port];
};

it.each([
  ['encrypted', {}],
  ['in plain, by its operator’s choice', { isPlain: true }],
])(
  '%s: a stranger who reaches the network lists nothing and reads nothing',
  async (_how, options) => {
    migration = await startCold(lab, guest.vm, 'h2', {
      copy: 'nbd',
      bandwidthMibPerSec: 1,
      ...options,
    });
    await untilSending(migration);
    const [address, port] = await exportOn('h1');
    expect(port).toMatch(/^5\d{4}$/);

    for (const command of [
      'timeout 3 qemu-nbd --list --bind "$1" --port "$2"',
      'timeout 3 qemu-img info "nbd://$1:$2/"',
    ])
      await expect(onHost('h3', command, address, port)).rejects.toThrow();

    // And the copy goes on.
    expect(await exportOn('h1')).toEqual([address, port]);
    await migration.abort();
    await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    migration = undefined;
    const left =
      'nft list tables | grep drover_copy || :; ls -d /run/drover-copy-* 2>/dev/null || :';
    expect(await onHost('h1', left)).toBe('');
  },
);
