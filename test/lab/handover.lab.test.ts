/** A worker that is asked to stop in the middle of a transfer (a rolling update, a reboot) leaves at once, and loses nothing. */
import { GUEST } from '../../lab/framework/guest.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { discoverAgain } from '../helpers/lab.js';
import { hostOf } from '../../lab/guests.js';
import { untilSending } from '../../lab/moves.js';
import { guestState, until } from '../../lab/observer.js';
import { startFaultSite, type FaultSite } from '../../dist/lab/faults/site.js';

jest.setTimeout(120_000);

const { vm, ip } = GUEST.web1;
/** What a service manager waits for before it kills. */
const PATIENCE_MS = 10_000;

let site: FaultSite;
let worker: ChildProcess;
beforeAll(async () => {
  site = await startFaultSite();
  await site.killWorker();
  worker = spawn('bin/drover', ['worker'], { env: { ...process.env, ...site.env } });
  let said = '';
  for (const stream of [worker.stdout, worker.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => {
    if (worker.exitCode !== null) throw new Error(`drover worker ended: ${said}`);
    return said.includes('polls');
  }, 'drover worker');
});
afterAll(async () => {
  worker.kill('SIGKILL');
  await site.stop();
  await discoverAgain();
});

it('hands a running transfer over: not a byte is sent again', async () => {
  const source = await hostOf(vm);
  const target = source === 'h1' ? 'h2' : 'h1';
  const { bootId } = await guestState(ip);
  const migration = await site.drover.startLiveMigration({
    vm,
    target,
    requestedBy: 'test',
    reason: 'handover',
    options: { bandwidthMibPerSec: 10 },
  });
  await untilSending(migration);

  const askedAt = Date.now();
  worker.kill('SIGTERM');
  const [code] = (await once(worker, 'exit')) as [number | null];
  const tookMs = Date.now() - askedAt;
  await site.startWorker();

  const report = await migration.result();
  expect({ code, isInTime: tookMs < PATIENCE_MS }).toEqual({ code: 0, isInTime: true });
  // QEMU counts one transfer, from its start to its end.
  expect(report.transfer?.elapsedMs).toBeGreaterThan(tookMs);
  expect(report.transfer?.processedBytes).toBeLessThan(256 * 1024 * 1024);
  expect(await hostOf(vm)).toBe(target);
  expect((await guestState(ip)).bootId).toBe(bootId);
});
