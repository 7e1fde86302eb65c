/** A console's password (G04, S9): it is where it was after every move and every way back, and in nothing that anybody stores. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codecFrom } from '../../../client/access.js';
import { makeGuest, onHost, type EverydayGuest } from '../../../lab/everyday.js';
import { LAB_HOSTS } from '../../../lab/site.js';
import { closeLab, connectLab, startCold, type Lab } from '../../helpers/lab.js';
import { adopt, moveCold, moveLive } from '../../helpers/everyday.js';
import { startLabWorker, type LabWorker } from '../../helpers/lab-worker.js';

jest.setTimeout(180_000);

const PASSWORD = 'Pl4nted1';
const HOME = process.env['DROVER_TEST_LAB_HOME'] ?? '';

let lab: Lab;
let worker: LabWorker;
let guest: EverydayGuest;
beforeAll(async () => {
  lab = await connectLab();
  worker = await startLabWorker(lab);
});
afterAll(async () => {
  await worker.close();
  await closeLab(lab);
});
beforeEach(async () => {
  const devices = `<graphics type='vnc' port='-1' autoport='yes' passwd='${PASSWORD}'/>`;
  guest = await makeGuest({ name: 'console1', number: 61, devices });
  await guest.start('h1');
  await adopt(lab);
});
afterEach(async () => {
  await guest.remove();
  await adopt(lab);
});

/** In the definition, and in what runs, as libvirt itself says. */
const expectPassword = async (host: string) => {
  expect(await guest.xml(host, '--inactive')).toContain(`passwd='${PASSWORD}'`);
  expect(await guest.xml(host)).toContain(`passwd='${PASSWORD}'`);
};

/** Everything that drover and Temporal have written, and what the hosts keep of drover's. */
const expectNotStored = async () => {
  const found = await promisify(execFile)('grep', ['-rlaF', PASSWORD, HOME]).catch(() => undefined);
  expect(found?.stdout ?? '').toBe('');
  // The runs of the lab's drover are sealed: what they say is looked at as well.
  const { codec } = await codecFrom(join(HOME, 'codec-keys'), 'take');
  const { workflow } = lab.drover.temporal;
  for await (const { workflowId, runId } of workflow.list()) {
    const history = await workflow.getHandle(workflowId, runId).fetchHistory();
    expect(JSON.stringify(await plain(history, codec))).not.toContain(PASSWORD);
  }
  for (const host of LAB_HOSTS)
    expect(await onHost(host, 'ls -A /var/lib/drover; ls -d /run/drover-* 2>/dev/null || :')).toBe(
      '',
    );
};

const isPayload = (value: object): value is Payload => 'data' in value && 'metadata' in value;

/** With its payloads opened, as text. */
async function plain(value: unknown, codec: PayloadCodec | undefined): Promise<unknown> {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return Promise.all(value.map((one) => plain(one, codec)));
  if (!value || typeof value !== 'object') return value;
  const opened = isPayload(value) && codec ? (await codec.decode([value]))[0] : undefined;
  const inner = Object.entries(opened ?? value).map(
    async ([key, one]: [string, unknown]) => [key, await plain(one, codec)] as const,
  );
  return Object.fromEntries(await Promise.all(inner));
}

it('is on the target after a live move, and after a cold one back', async () => {
  await moveLive(lab, guest, 'h2');
  await expectPassword('h2');

  await moveCold(lab, guest, 'h1');
  await expectPassword('h1');
  await expectNotStored();
});

it.each([
  { way: 'a cold move', options: {} },
  { way: 'a warm move', options: { isWarm: true } },
])('is on the source when $way is reverted', async ({ options }) => {
  await moveCold(lab, guest, 'h2', 'revert', options);

  await expectPassword('h1');
  await expectNotStored();
});

it.each([
  { way: 'while it still runs', step: 'guest.powerOff' },
  { way: 'when it is off', step: 'disks.transfer' },
])('is on the source when a warm move fails $way', async ({ step }) => {
  worker.failAt(step);

  const migration = await startCold(worker, guest.name, 'h2', { isWarm: true, shutdownSeconds: 0 });

  await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
  await expectPassword('h1');
  await expectNotStored();
});

it('is on the source when a live move fails after its definition was rendered', async () => {
  worker.failAt('transfer.run');

  const migration = await worker.drover.startLiveMigration({
    vm: guest.name,
    target: 'h2',
    requestedBy: 'test',
    reason: 'lab test',
  });

  await expect(migration.result()).rejects.toMatchObject({ outcome: 'rolled-back' });
  await expectPassword('h1');
  await expectNotStored();
});

it('is in no dry run', async () => {
  const asked = { vm: guest.name, target: 'h2', requestedBy: 'test', reason: 'test' };
  const live = await lab.drover.startLiveMigration({ ...asked, mode: 'plan' });
  const cold = await lab.drover.startColdMigration({ ...asked, mode: 'plan' });

  const shown = JSON.stringify([await live.result(), await cold.result()]);

  expect(shown).toContain('<graphics');
  expect(shown).not.toContain(PASSWORD);
  await expectNotStored();
});
