/** Payload encryption on a real Temporal server: what is stored tells nothing, and keys are read from a file and can be changed. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aesGcmCodec } from '../../codec/aes-gcm.js';
import { makeKeyFile, readKeyFile } from '../../codec/key-file.js';
import { until } from '../../lab/observer.js';
import { buildSite } from '../helpers/fake-migration.js';
import { startKeyed } from '../helpers/keyed-worker.js';

jest.setTimeout(60_000);

const key = (id: string) => ({ id, secret: randomBytes(32) });
const [older, newer] = [key('k1'), key('k2')];
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('latin1');

describe('an encrypted migration', () => {
  it('stores nothing readable, and is read by those who have the key', async () => {
    const codec = aesGcmCodec({ keys: [older] });
    const site = await buildSite(['shared']);
    const { drover, keyless, close } = await startKeyed(site.deps, codec, 'test-codec');
    try {
      const asked = { vm: 'vm1', target: 'h2', requestedBy: 'test', reason: 'a secret reason' };
      const migration = await drover.startLiveMigration(asked);
      expect(await migration.result()).toMatchObject({ outcome: 'moved', vm: 'vm1' });
      expect((await migration.progress()).state).toBe('completed');

      const { events } = await keyless.temporal.workflow
        .getHandle(migration.workflowId, migration.runId)
        .fetchHistory();
      const stored = (events ?? []).flatMap((event) => [
        ...(event.workflowExecutionStartedEventAttributes?.input?.payloads ?? []),
        ...(event.activityTaskScheduledEventAttributes?.input?.payloads ?? []),
        ...(event.activityTaskCompletedEventAttributes?.result?.payloads ?? []),
        ...(event.workflowExecutionCompletedEventAttributes?.result?.payloads ?? []),
      ]);
      expect(stored.length).toBeGreaterThan(30);
      for (const { metadata, data } of stored) {
        expect(text(metadata?.['encoding'])).toBe('binary/drover-sealed');
        expect(text(data)).not.toMatch(/vm1|secret reason/);
      }
      // Who lacks the key still finds the run, and is told what is missing when it wants to know more.
      await until(
        async () => (await keyless.list()).some(({ runId }) => runId === migration.runId),
        'the run to be listed',
      );
      const same = await keyless.migration(migration.workflowId, migration.runId);
      await expect(same.result()).rejects.toMatchObject({
        code: 'BAD_CONFIG',
        hint: expect.stringContaining('DROVER_CODEC_KEYS') as string,
      });
      // A key that is newer does not lock out what an older one wrote.
      const changed = aesGcmCodec({ keys: [newer, older] });
      const [first] = stored;
      const [decoded] = await changed.decode(first ? [first] : []);
      expect(text(decoded?.data)).toContain('a secret reason');
      await expect(
        aesGcmCodec({ keys: [newer] }).decode(first ? [first] : []),
      ).rejects.toMatchObject({
        code: 'BAD_CONFIG',
      });
    } finally {
      await close();
    }
  });
});

describe('a key file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'drover-keys-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (content: string, mode = 0o600) => {
    const file = join(folder, `keys-${Math.random()}`);
    writeFileSync(file, content, { mode });
    return file;
  };
  const line = `k1 ${randomBytes(32).toString('base64')}\n`;

  it('is made once, for its owner only', async () => {
    const file = join(folder, 'made');
    makeKeyFile(file);
    const first = await readKeyFile(file);
    makeKeyFile(file);
    expect(await readKeyFile(file)).toEqual(first);
  });

  it('is read, the newest key first', async () => {
    const { keys } = await readKeyFile(
      write(`# keys\nk2 ${randomBytes(32).toString('base64')}\n${line}`),
    );
    expect(keys.map(({ id }) => id)).toEqual(['k2', 'k1']);
  });

  it.each([
    ['may be read by others', () => write(line, 0o644)],
    ['is empty', () => write('')],
    ['has no key in line 1', () => write('k1 tooshort\n')],
    ['cannot be read', () => join(folder, 'nothing')],
  ])('that %s is refused', async (why, file) => {
    await expect(readKeyFile(file())).rejects.toThrow(why);
  });
});
