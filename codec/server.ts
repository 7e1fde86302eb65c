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

/** Answers `POST /encode` and `POST /decode` for the Web UI at `origin`, and for nobody else's page. */
export async function serveCodec(
  codec: PayloadCodec,
  port: number,
  origin: string,
): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Headers', 'content-type,x-namespace');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const way = request.url?.endsWith('/decode')
      ? 'decode'
      : request.url?.endsWith('/encode')
        ? 'encode'
        : undefined;
    if (request.method !== 'POST' || !way) return void response.writeHead(404).end();
    bodyOf(request)
      .then(async (body) => {
        const { payloads } = Body.parse(JSON.parse(body));
        const done = await codec[way](payloads.map(fromJson));
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
