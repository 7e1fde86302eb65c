import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { config } from '../../../temporal.config.js';
import { isOnlyListener, loopbackOf, userOf } from '../../../workers/loopback.js';
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

test('whose connection it is, is told by the kernel (S13)', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const nobody = process.getuid?.() === 0 ? 65_534 : process.getuid?.();
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; read -r line <&3`;
  const child = spawn('bash', ['-c', script], { uid: nobody, stdio: 'ignore' });
  try {
    const [socket] = (await once(server, 'connection')) as [Socket];
    expect(userOf({ port: socket.remotePort ?? 0 }, { port })).toBe(nobody);
    expect(userOf({ port: 1 }, { port })).toBeUndefined();
    socket.destroy();
    await once(child, 'exit');
  } finally {
    server.close();
  }
});

test('a server that ends at once is named with its log', async () => {
  await expect(startTemporal(at(1), '/bin/false')).rejects.toMatchObject({
    message: 'Temporal did not start: it ended with code 1',
    hint: expect.stringContaining(join(home, 'temporal.log')),
  });
});

describe('drover’s server, which asks nobody who he is (S16),', () => {
  test.each([
    '10.0.0.5:7233',
    '0.0.0.0:7233',
    '[::]:7233',
    'temporal.example:7233',
    '127.0.0.1',
    ':7233',
    '127.0.0.1:0',
  ])('is not started on %s', async (address) => {
    const other = { ...config, home, temporal: { ...config.temporal, address } };
    await expect(startTemporal(other, '/bin/true')).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: `drover up does not listen on ${address}`,
    });
  });

  test.each([
    ['127.0.0.1:7233', { ip: '127.0.0.1', port: 7233 }],
    ['127.3.2.1:7233', { ip: '127.3.2.1', port: 7233 }],
    ['localhost:80', { ip: '127.0.0.1', port: 80 }],
    ['[::1]:7233', { ip: '::1', port: 7233 }],
  ])('may listen on %s', (address, parts) => expect(loopbackOf(address)).toEqual(parts));

  test('is not started in a folder that others read, or that is somewhere else', async () => {
    chmodSync(home, 0o755);
    await expect(startTemporal(at(1), '/bin/true')).rejects.toMatchObject({
      message: `drover's home ${home} is open to other users (mode 0755)`,
      hint: expect.stringContaining(`chmod 700 ${home}`),
    });
    const link = join(home, 'link');
    symlinkSync(tmpdir(), link);
    const linked = { ...at(1), home: link };
    await expect(startTemporal(linked, '/bin/true')).rejects.toMatchObject({
      message: `drover's home ${link} is no folder of its own`,
    });
  });

  test('is known from a process that took its port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    try {
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      expect(isOnlyListener(process.pid, port)).toBe(true);
      expect(isOnlyListener(process.ppid, port)).toBe(false);
    } finally {
      other.close();
    }
  });
});
