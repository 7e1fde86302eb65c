import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { config } from '../../../temporal.config.js';
import { startTemporal } from '../../../workers/temporal-server.js';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-temporal-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const at = (port: number) => ({
  ...config,
  home,
  temporal: { ...config.temporal, address: `127.0.0.1:${port}` },
});

test('another process’s answer on the port is not taken for Temporal’s', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  try {
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startTemporal(at(port), '/bin/true')).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: `another process already listens on 127.0.0.1:${port}`,
      hint: expect.stringContaining('drover worker'),
    });
  } finally {
    other.close();
  }
});

test('a server that ends at once is named with its log', async () => {
  await expect(startTemporal(at(1), '/bin/false')).rejects.toMatchObject({
    message: 'Temporal did not start: it ended with code 1',
    hint: expect.stringContaining(join(home, 'temporal.log')),
  });
});
