/** The embedded inventory for other processes: `drover up` holds the database and answers on a unix socket. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { CodedError, isErrorCode, messageOf, type Facts } from '../model/errors.js';
import type { Inventory } from './inventory.js';

type Method = keyof Inventory;
/** What the far side may be asked for is what this side can ask for. */
const isMethod = (name: string): name is Method => Object.hasOwn(METHODS, name);

interface Answer {
  readonly result?: unknown;
  readonly error?: { code: string; message: string; hint: string; facts: Facts };
}

/** Serves the inventory to whoever may open the socket: the user that started `drover up`. */
export async function serveInventory(inventory: Inventory, socketPath: string): Promise<Server> {
  await rm(socketPath, { force: true });
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const method = incoming.url?.slice(1) ?? '';
      void answer(inventory, method, Buffer.concat(chunks).toString()).then((body) =>
        outgoing.end(JSON.stringify(body)),
      );
    });
  });
  const mask = process.umask(0o077);
  try {
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(socketPath, resolve),
    );
  } finally {
    process.umask(mask);
  }
  return server;
}

async function answer(inventory: Inventory, method: string, body: string): Promise<Answer> {
  try {
    if (!isMethod(method)) throw new CodedError('BAD_INPUT', `the inventory has no ${method}`);
    const call = inventory[method] as (...args: unknown[]) => Promise<unknown>;
    return { result: await call(...(JSON.parse(body) as unknown[])) };
  } catch (error) {
    const { code, message, hint, facts } =
      error instanceof CodedError
        ? error
        : new CodedError('BUG', messageOf(error), { cause: error });
    return { error: { code, message, hint, facts } };
  }
}

/** The inventory of a running `drover up`: a method that the interface has and this lacks does not compile. @throws BAD_CONFIG if none runs. */
export function remoteInventory(socketPath: string): Inventory {
  // What each takes and returns is checked where it arrives: the text in between has no types.
  const method = <M extends Method>(name: M): Inventory[M] =>
    ((...args: unknown[]) => ask(socketPath, name, args)) as Inventory[M];
  return {
    hosts: method('hosts'),
    host: method('host'),
    putHost: method('putHost'),
    putFacts: method('putFacts'),
    removeHost: method('removeHost'),
    vms: method('vms'),
    vm: method('vm'),
    putVm: method('putVm'),
    forgetOthers: method('forgetOthers'),
    claims: method('claims'),
    take: method('take'),
    release: method('release'),
    takeRequest: method('takeRequest'),
    groups: method('groups'),
    putGroups: method('putGroups'),
  };
}

/** Nobody is asked by it: it says what there is. */
const METHODS = remoteInventory('');

function ask(socketPath: string, method: string, args: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, path: `/${method}`, method: 'POST' }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { result, error } = JSON.parse(Buffer.concat(chunks).toString()) as Answer;
        if (error)
          reject(
            new CodedError(isErrorCode(error.code) ? error.code : 'BUG', error.message, error),
          );
        else resolve(result);
      });
    });
    outgoing.on('error', (cause) => {
      const why = existsSync(socketPath) ? messageOf(cause) : '`drover up` is not running here';
      reject(
        new CodedError('BAD_CONFIG', `the inventory cannot be reached: ${why}`, {
          hint: 'Run `drover up`, or set DATABASE_URL.',
          cause,
        }),
      );
    });
    outgoing.end(JSON.stringify(args));
  });
}
