/** A codec server (Temporal's remote codec protocol): the Web UI sends it what it cannot read. On loopback only. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import { messageOf } from '../model/errors.js';

const MAX_BYTES = 16 * 1024 * 1024;
const Body = z.object({
  payloads: z.array(
    z.object({
      metadata: z.record(z.string(), z.string()).default({}),
      data: z.string().default(''),
    }),
  ),
});

/** Where the Web UI finds it: it adds `/decode`. */
export const codecEndpoint = ({
  port,
  token,
}: Pick<CodecServerOptions, 'port' | 'token'>): string => `http://127.0.0.1:${port}/${token}`;

/** Whom it answers. */
export interface CodecServerOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** The Web UI's: no other page may read an answer. */
  readonly origin: string;
  /** Whether this connection comes from who may read: the token is no secret to who reaches the Web UI. */
  admits(clientPort: number, serverPort: number): boolean;
  /** Made anew at each start and told to the Web UI alone; the first part of every path. */
  readonly token: string;
}

/**
 * Answers `POST /TOKEN/decode` for the Web UI, and nobody else (S13): a page that has its own name resolved to loopback sends
 * that name as Host, another site's page its own Origin, and a form cannot send JSON.
 */
export async function serveCodec(
  codec: PayloadCodec,
  { port, origin, token, admits }: CodecServerOptions,
): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Headers', 'content-type,x-namespace');
    const { remotePort = 0, localPort = 0 } = request.socket;
    const refusal =
      refusalOf(request, origin) ??
      (admits(remotePort, localPort) ? undefined : 'another user of this machine');
    if (refusal !== undefined) return void response.writeHead(403).end(refusal);
    if (request.url !== `/${token}/decode`) return void response.writeHead(404).end();
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    if (request.method !== 'POST') return void response.writeHead(405).end();
    if (!request.headers['content-type']?.startsWith('application/json'))
      return void response.writeHead(403).end('JSON only');
    bodyOf(request)
      .then(async (body) => {
        const { payloads } = Body.parse(JSON.parse(body));
        const done = await codec.decode(payloads.map(fromJson));
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ payloads: done.map(toJson) }));
      })
      .catch((error: unknown) => response.writeHead(400).end(messageOf(error)));
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  return server;
}

/** Why this request is none of the Web UI's. */
function refusalOf({ headers, socket }: IncomingMessage, origin: string): string | undefined {
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`];
  if (!own.includes(headers.host ?? '')) return 'another host';
  return headers.origin === undefined || headers.origin === origin ? undefined : 'another origin';
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const fromJson = ({ metadata, data }: z.output<typeof Body>['payloads'][number]): Payload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  ),
  data: Buffer.from(data, 'base64'),
});
const toJson = ({ metadata, data }: Payload) => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
