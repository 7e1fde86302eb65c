/** The codec server: the Web UI can read what is stored, and nobody else. */
import { randomBytes } from 'node:crypto';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aesGcmCodec } from '../../codec/aes-gcm.js';
import { serveCodec } from '../../codec/server.js';

jest.setTimeout(60_000);

const newer = { id: 'k2', secret: randomBytes(32) };

describe('the codec server', () => {
  const codec = aesGcmCodec({ keys: [newer] });
  const origin = 'http://127.0.0.1:8233';
  const payload = { metadata: { encoding: btoa('json/plain') }, data: btoa('"hello"') };
  let isAdmitted = true;
  let server: Server;
  let sealed: string;
  beforeAll(async () => {
    const admits = () => isAdmitted;
    server = await serveCodec(codec, { port: 0, origin, token: 'the-token', admits });
    const [one] = await codec.encode([
      { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"hello"') },
    ]);
    const metadata = Object.entries(one?.metadata ?? {}).map(
      ([name, value]) => [name, Buffer.from(value).toString('base64')] as const,
    );
    const data = Buffer.from(one?.data ?? []).toString('base64');
    const asJson: Record<string, string> = Object.fromEntries(metadata);
    sealed = JSON.stringify({ payloads: [{ metadata: asJson, data }] });
  });
  afterAll(() => server.close());

  /** By node:http, since fetch does not let a Host be chosen. */
  const ask = (path: string, headers: Record<string, string> = {}, body = sealed) =>
    new Promise<{ status: number; text: string; allowed: unknown }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const asked = request(
        {
          port,
          path,
          host: '127.0.0.1',
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
        },
        (response) => {
          response.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              text: chunks.join(''),
              allowed: response.headers['access-control-allow-origin'],
            }),
          );
        },
      );
      const chunks: string[] = [];
      asked.on('error', reject).end(body);
    });

  it('reads for the Web UI', async () => {
    const { status, text: answer, allowed } = await ask('/the-token/decode', { origin });

    expect([status, allowed]).toEqual([200, origin]);
    expect(JSON.parse(answer)).toEqual({ payloads: [payload] });
  });

  it.each<[string, number, string, Record<string, string>, string | undefined]>([
    ['broken JSON', 400, '/the-token/decode', {}, '{"payloads": 3}'],
    ['a path without the token', 404, '/decode', {}, undefined],
    ['another token', 404, '/other-token/decode', {}, undefined],
    ['sealing, which the Web UI never needs', 404, '/the-token/encode', {}, undefined],
    [
      'a name that was made to resolve here (S13)',
      403,
      '/the-token/decode',
      { host: 'evil.example' },
      undefined,
    ],
    [
      'a page of another site (S13)',
      403,
      '/the-token/decode',
      { origin: 'http://evil.example' },
      undefined,
    ],
    ['a form (S13)', 403, '/the-token/decode', { 'content-type': 'text/plain' }, undefined],
  ])('refuses %s', async (_what, status, path, headers, body) => {
    const answer = await ask(path, headers, body);

    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain(btoa('"hello"'));
  });

  it('refuses another user of this machine, who can read the token in the Web UI (S13)', async () => {
    isAdmitted = false;
    try {
      expect((await ask('/the-token/decode')).status).toBe(403);
    } finally {
      isAdmitted = true;
    }
  });
});
