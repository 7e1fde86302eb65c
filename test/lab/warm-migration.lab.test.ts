/** A cold move whose disks are copied while the guest still runs. */
import { GUEST } from '../../lab/framework/guest.js';
import type { Migration } from '../../client/migration.js';
import { untilSending } from '../../lab/moves.js';
import { askBootingGuest, runInLab } from '../../lab/observer.js';
import { leftoversOf } from '../../lab/guests.js';
import {
  booted,
  closeLab,
  connectLab,
  allHome,
  startCold,
  untilUnconfirmed,
  type Lab,
} from '../helpers/lab.js';

jest.setTimeout(180_000);

const BY = { by: 'test', reason: 'lab test' };
const IMAGES = '/var/lib/libvirt/images';

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(() => allHome(lab));

/** A cold move that is confirmed when the guest has booted. */
describe('a warm copy', () => {
  const guest = GUEST.blk1;
  const { vm, ip } = guest;
  /** Writes synced records until the guest is powered off; returns how many it acknowledged until then. */
  const writeUntilOff = async (migration: Migration): Promise<number> => {
    let isOff = false;
    const watching = (async () => {
      for await (const { steps } of migration.watch(50)) {
        // Not when it is done: a request that is on its way then may be served by the guest on the target.
        isOff = steps.some(({ name, state }) => name === 'guest.powerOff' && state !== 'pending');
        if (isOff) return;
      }
    })();
    let acknowledged = 0;
    while (!isOff)
      await askBootingGuest(ip, 'write?1').then(
        () => (acknowledged += isOff ? 0 : 1),
        () => undefined,
      );
    await watching;
    return acknowledged;
  };
  const recordsOf = async (): Promise<[number, string]> => {
    const [count, verdict = ''] = (await guest.records('vda')).trim().split(' ');
    return [Number(count), verdict];
  };
  const isChainBack = async () => {
    const disks = await runInLab('h1', ['virsh', 'domblklist', vm]);
    const files = await runInLab('h1', ['ls', `${IMAGES}/${vm}`]);
    expect(disks).toContain(`${IMAGES}/${vm}/disk.qcow2\n`);
    expect(files.trim().split('\n')).toEqual(['config.img', 'disk.qcow2']);
  };
  beforeEach(async () => {
    await booted(ip);
    await guest.write(1);
  });

  it.each(['scp', 'nbd'] as const)(
    'by %s loses no record that is written meanwhile',
    async (copy) => {
      const [before] = await recordsOf();
      const options = { isWarm: true, copy, bandwidthMibPerSec: 8 } as const;
      const migration = await startCold(lab, vm, 'h2', options);
      const acknowledged = await writeUntilOff(migration);
      await untilUnconfirmed(migration);
      await booted(ip);
      const [after, verdict] = await recordsOf();
      await migration.revert(BY);
      await migration.result();

      expect(acknowledged).toBeGreaterThan(2);
      expect({ after, verdict }).toEqual({ after: expect.any(Number) as number, verdict: 'whole' });
      expect(after).toBeGreaterThanOrEqual(before + acknowledged);
      // The source's own chain got it all back as well.
      await booted(ip);
      const [back, verdictBack] = await recordsOf();
      expect(verdictBack).toBe('whole');
      expect(back).toBeGreaterThanOrEqual(before + acknowledged);
      await isChainBack();
    },
  );

  it('that is confirmed leaves nothing on the source', async () => {
    const migration = await startCold(lab, vm, 'h2', { isWarm: true });
    await untilUnconfirmed(migration);
    await migration.confirm(BY);

    expect(await migration.result()).toMatchObject({ outcome: 'moved' });
    expect((await leftoversOf(vm)).h1).toEqual({});
    await booted(ip);
    expect((await recordsOf())[1]).toBe('whole');
  });

  it('that is aborted while the guest runs puts the disk chain back, and the guest never stops', async () => {
    await guest.fill(6);
    const { bootId } = await guest.says();
    const migration = await startCold(lab, vm, 'h2', {
      isWarm: true,
      copy: 'scp',
      bandwidthMibPerSec: 1,
    });
    await untilSending(migration);
    await guest.write(3);
    const [before] = await recordsOf();
    await migration.abort();

    await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    expect((await guest.says()).bootId).toBe(bootId);
    expect(await recordsOf()).toEqual([before, 'whole']);
    await isChainBack();
    expect((await leftoversOf(vm)).h2).toEqual({});
  });
});
