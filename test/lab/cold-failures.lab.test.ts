/** What goes wrong in a cold migration on real hosts: the guest runs on the source again, its data whole, and the target is clean. */
import { GUEST } from '../../lab/framework/guest.js';
import { untilSending } from '../../lab/moves.js';
import { cutSsh, runInLab } from '../../lab/observer.js';
import { coldMigrationRunbook } from '../../workflows/runbooks/cold-migration.js';
import { startLabWorker, type LabWorker } from '../helpers/lab-worker.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import {
  booted,
  closeLab,
  connectLab,
  moveTo,
  startCold,
  untilUnconfirmed,
  type Lab,
} from '../helpers/lab.js';

jest.setTimeout(180_000);

const guest = GUEST.blk1;
const { vm, ip } = guest;
const IMAGES = '/var/lib/libvirt/images';
const { checking = [], preparing = [], copying = [], starting = [] } = coldMigrationRunbook.phases;
const BEFORE_CONFIRM = [...checking, ...preparing, ...copying, ...starting].map(({ name }) => name);

let lab: Lab;
let worker: LabWorker;
beforeAll(async () => {
  lab = await connectLab();
  worker = await startLabWorker(lab);
});
afterAll(async () => {
  await worker.close();
  await closeLab(lab);
});

let written: unknown;
let start: unknown;
beforeEach(async () => {
  await moveTo(lab, vm, 'h1');
  await booted(ip);
  await guest.write(3);
  written = (await guest.says()).disks;
  start = await leftoversOf(vm);
});
afterEach(async () => {
  expect(await hostOf(vm)).toBe('h1');
  expect((await booted(ip)).disks).toEqual(written);
  expect(await leftoversOf(vm)).toEqual(start);
  expect(await lab.inventory.claims()).toEqual([]);
});

it.each(BEFORE_CONFIRM)('a failure at %s is taken back', async (step) => {
  worker.failAt(step);

  // So that every step is in the run.
  const migration = await startCold(worker, vm, 'h2', {}, [], { isCarryingSecrets: true });

  await expect(migration.result()).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
});

it.each(['disks.precopy', 'guest.powerOff', 'disks.transfer', 'guest.verify'])(
  'a failure at %s of a warm copy is taken back',
  async (step) => {
    worker.failAt(step);

    const migration = await startCold(worker, vm, 'h2', { isWarm: true });

    await expect(migration.result()).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  },
);

describe('a copy', () => {
  // Enough to have a middle.
  beforeEach(() => guest.fill(8));

  describe('onto a disk that fills up', () => {
    // Room for the check beforehand, and none when the copy comes.
    beforeEach(() =>
      runInLab('h2', ['mount', '-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', IMAGES]).then(
        async () => (start = await leftoversOf(vm)),
      ),
    );
    afterEach(() => runInLab('h2', ['umount', IMAGES]));

    it('is taken back, and says so', async () => {
      const gate = worker.gateAt('disks.transfer');
      const migration = await startCold(worker, vm, 'h2', { copy: 'nbd' }, ['other-filesystem']);
      await gate.reachedBy(migration);
      await runInLab('h2', ['sh', '-c', `head -c 83750000 /dev/zero >${IMAGES}/fill`]);
      gate.open();

      await expect(migration.result()).rejects.toMatchObject({ code: 'TARGET_DISK_FULL' });
    });
  });

  describe('whose ssh is cut in the middle', () => {
    it.each(['nbd', 'scp'] as const)('by %s starts clean and arrives whole', async (copy) => {
      const migration = await startCold(worker, vm, 'h2', {
        copy,
        bandwidthMibPerSec: 8,
        isEncrypted: true,
      });
      await untilSending(migration);
      for (const host of ['h1', 'h2']) await cutSsh(host);
      await untilUnconfirmed(migration);
      expect((await booted(ip)).disks).toEqual(written);
      await migration.revert({ by: 'test' });

      await migration.result();
    });
  });

  it.each(['nbd', 'scp'] as const)(
    'by %s that is cancelled in the middle is taken back',
    async (copy) => {
      const migration = await startCold(worker, vm, 'h2', { copy, bandwidthMibPerSec: 8 });
      await untilSending(migration);
      await migration.abort();

      await expect(migration.result()).rejects.toMatchObject({ outcome: 'cancelled' });
    },
  );
});
