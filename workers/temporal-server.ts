/** Runs Temporal's dev server, bound to loopback. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { connect, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { until } from '../activities/kit/until.js';
import { pause } from '../drivers/deadline.js';
import { CodedError } from '../model/errors.js';
import type { Config } from '../temporal.config.js';
import { isOnlyListener, loopbackOf } from './loopback.js';
import { preparePrivate } from './private-home.js';

/** A dev server that this process started. */
export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string;
  readonly binary: string;
  /** Resolves when its process is gone; one that does not leave within five seconds is killed. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const START = { everyMs: 50, forMs: 30_000 };
/** Of util-linux; where it is missing, a server may outlive a drover that is killed. */
const SETPRIV = '/usr/bin/setpriv';

/**
 * Starts the dev server with its Web UI, which asks `codecEndpoint` for what it cannot read, and waits until it answers. Its log is a
 * file in `home`.
 * @throws BAD_CONFIG if it cannot start, or another process has its port: that one's answer would be taken for its own
 */
export async function startTemporal(
  config: Config,
  binary: string,
  codecEndpoint?: string,
): Promise<TemporalServer> {
  const { address, namespace, uiPort } = config.temporal;
  const { ip, port } = loopbackOf(address);
  if (await answers(ip, port))
    throw new CodedError('BAD_CONFIG', `another process already listens on ${address}`, {
      hint: 'If it is another `drover up`, use that one; if it is your own Temporal, run `drover worker`; else set TEMPORAL_ADDRESS to a free port.',
    });
  preparePrivate(config.home);
  const logFile = join(config.home, 'temporal.log');
  const log = openSync(logFile, 'a');
  const codecArgs = codecEndpoint ? ['--ui-codec-endpoint', codecEndpoint] : [];
  const args = [
    'server',
    'start-dev',
    '--ip',
    ip,
    '--port',
    String(port),
    '--ui-port',
    String(uiPort),
    '--namespace',
    namespace,
    '--db-filename',
    join(config.home, 'temporal.db'),
    // A migration takes 100 ms less than with SQLite's rollback journal (docs/performance.md); an older file is converted when it is opened.
    '--sqlite-pragma',
    'journal_mode=wal',
    '--log-level',
    'warn',
    '--ui-disable-news-fetch',
    ...codecArgs,
    ...FAST.flatMap((setting) => ['--dynamic-config-value', setting]),
  ];
  // It ends with this process, also when that is killed: a server that is left has the port, and no inventory beside it.
  const bound = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'TERM', '--', binary] : [binary];
  const [command = binary, ...before] = bound;
  const child = spawn(command, [...before, ...args], { stdio: ['ignore', log, log] });
  // Also when drover is ended while the server starts: none is left behind.
  const end = () => child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  await untilListening(child, ip, port, logFile);
  return {
    address,
    uiUrl: `http://${isIPv6(ip) ? `[${ip}]` : ip}:${uiPort}`,
    binary,
    stop: (signal) => stop(child, signal),
  };
}

/**
 * The dev server has one shard and polls it 20 times a second: an activity then costs 102 ms and not 14.
 * Eager execution hands an activity to the worker that asked for it, without a turn through the queue.
 */
export const FAST = [
  ...['transfer', 'timer'].map((queue) => `history.${queue}ProcessorMaxPollRPS=1000`),
  'system.enableActivityEagerExecution=true',
];

async function untilListening(
  child: ChildProcess,
  ip: string,
  port: number,
  logFile: string,
): Promise<void> {
  const failed = (why: string) =>
    new CodedError('BAD_CONFIG', `Temporal did not start: ${why}`, {
      hint: `Read ${logFile}, and check that port ${port} is free.`,
    });
  const isReady = await until({ pause, nowMs: Date.now }, START, async () => {
    if (child.exitCode !== null) throw failed(`it ended with code ${child.exitCode}`);
    if (child.signalCode !== null) throw failed(`it was ended by ${child.signalCode}`);
    const { pid } = child;
    if (!(await answers(ip, port)) || pid === undefined) return undefined;
    return isOnlyListener(pid, port);
  });
  if (isReady) return;
  child.kill();
  throw failed(
    isReady === undefined
      ? `nothing listens after ${START.forMs / 1000} s`
      : `another process listens on ${ip} port ${port}`,
  );
}

const answers = (ip: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, ip, () => resolve(true));
    socket.once('connect', () => socket.end()).once('error', () => resolve(false));
  });

function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
    setTimeout(() => child.kill('SIGKILL'), 5000).unref();
  });
}
