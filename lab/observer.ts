/** An outside observer in the lab's network: pings a guest every 10 ms and holds one TCP connection to its echo. */
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LAB_DIR } from './folder.js';
import type { Start } from './starter.js';

const run = promisify(execFile);
let start: Start = async ([file, ...args]) =>
  (await run(file, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;

/** From now on commands in the lab are started so. */
export const startBy = (other: Start): void => {
  start = other;
};

/** What was measured between `start` and `stop`. */
export interface Observed {
  /** Longest time between two answered pings, in milliseconds. */
  readonly longestGapMs: number;
  /** When the first ping after that gap was answered, in milliseconds since 1970. */
  readonly gapEndedAtMs: number;
  readonly pings: number;
  readonly lost: number;
  /** The connection that was opened before the move still answers, and no line was lost or came twice. */
  readonly hasTcpSurvived: boolean;
}

/** A running observation. */
export interface Observation {
  stop(): Promise<Observed>;
}

/** The argument array that runs a command in a lab machine's network; without its PID namespace nsenter does not fork, and signals arrive. */
export const inLab = (machine: string, argv: readonly string[]): [string, string[]] =>
  enter(machine, ['-m', '-u', '-n'], argv);

/** Runs a command inside a lab machine, its processes included, and returns what it printed. */
export async function runInLab(machine: string, argv: readonly string[]): Promise<string> {
  const [command, args] = enter(machine, ['-m', '-u', '-n', '-p'], argv);
  return start([command, ...args]);
}

function enter(
  machine: string,
  namespaces: readonly string[],
  argv: readonly string[],
): [string, string[]] {
  const pid = readFileSync(join(LAB_DIR, 'run', `${machine}.pid`), 'utf8').trim();
  return ['nsenter', ['-t', pid, ...namespaces, '--', ...argv]];
}

/** Ends a host's libvirtd, as a crash would, and waits until the next one has taken its place and answers. */
export async function restartLibvirt(
  host: string,
  signal: 'TERM' | 'KILL' = 'TERM',
): Promise<void> {
  const pid = await runInLab(host, ['cat', '/run/libvirtd.pid']);
  await runInLab(host, ['kill', `-${signal}`, pid.trim()]);
  const answers = async () =>
    (await runInLab(host, ['cat', '/run/libvirtd.pid'])) !== pid &&
    (await runInLab(host, ['virsh', '-q', 'list'])).length >= 0;
  await until(() => answers().catch(() => false), `libvirtd of ${host}`);
}

/** What a guest says of itself through its web server. */
export interface GuestSays {
  readonly bootId: string;
  readonly uptimeSeconds: number;
  /** SHA-256 of each disk's records. */
  readonly disks: Readonly<Record<string, string>>;
}

/** How long a guest that runs may take to accept a connection: a move's gap is well within it. */
const CONNECT_SECONDS = 60;
/** And how long until it has answered. */
const ANSWER_SECONDS = 60;
/** A lost first packet is sent again after 1, 3 and 7 s: who waits for a guest to boot asks anew instead. */
const BOOTING_CONNECT_SECONDS = 0.2;
/** One that was switched off after it accepted never answers. */
const BOOTING_ANSWER_SECONDS = 15;

/** Asks a guest's control page: `state`, `write?COUNT`, `dirty?MIB`. */
export const askGuest = (
  ip: string,
  page: string,
  connectSeconds = CONNECT_SECONDS,
  answerSeconds = ANSWER_SECONDS,
): Promise<string> =>
  runInLab('fabric', [
    'curl',
    '-sSf',
    '-m',
    String(answerSeconds),
    '--connect-timeout',
    String(connectSeconds),
    `http://${ip}/cgi-bin/${page}`,
  ]);

/** The same of a guest that may still boot: fails soon, to be asked again. */
export const askBootingGuest = (ip: string, page: string): Promise<string> =>
  askGuest(ip, page, BOOTING_CONNECT_SECONDS, BOOTING_ANSWER_SECONDS);

/** The guest's boot id and the checksums of what is on its disks. */
export const guestState = async (ip: string, ask = askGuest): Promise<GuestSays> =>
  JSON.parse(await ask(ip, 'state')) as GuestSays;

/** Starts observing. Resolves when the first ping and the first echo were answered. */
export async function observe(ip: string): Promise<Observation> {
  const ping = spawn(...inLab('fabric', ['ping', '-n', '-D', '-i', '0.01', ip]));
  const answers: number[] = [];
  let sent = 0;
  const summary = listen(ping, (line) => {
    const [, at] = /^\[(\d+\.\d+)\] .*icmp_seq=\d+ ttl/.exec(line) ?? [];
    if (at) answers.push(Number(at) * 1000);
    const [, transmitted] = /^(\d+) packets transmitted/.exec(line) ?? [];
    if (transmitted) sent = Number(transmitted);
  });
  const tcp = holdConnection(ip);
  await Promise.all([until(() => answers.length > 0, 'the first ping'), tcp.ready]);
  return {
    async stop() {
      const hasTcpSurvived = await tcp.stop();
      // ping prints its summary when it is interrupted.
      ping.kill('SIGINT');
      await summary;
      return {
        ...longestGap(answers),
        pings: sent || answers.length,
        lost: Math.max(0, sent - answers.length),
        hasTcpSurvived,
      };
    },
  };
}

function holdConnection(ip: string): { ready: Promise<void>; stop(): Promise<boolean> } {
  const client = spawn(...inLab('fabric', ['socat', 'STDIO', `TCP:${ip}:7,nodelay`]));
  const heard: string[] = [];
  let said = 0;
  const ended = listen(client, (line) => void heard.push(line));
  const talk = setInterval(() => client.stdin.write(`line ${++said}\n`), 50);
  client.stdin.on('error', () => clearInterval(talk));
  return {
    ready: until(() => heard.length > 0, 'the echo'),
    async stop() {
      clearInterval(talk);
      const last = said;
      const isWhole = await until(() => heard.length >= last, 'the last echo').then(
        () => heard.every((line, index) => line === `line ${index + 1}`),
        () => false,
      );
      client.kill();
      await ended;
      return isWhole;
    },
  };
}

function listen(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  let rest = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  return new Promise((resolve) => child.once('close', () => resolve()));
}

function longestGap(times: readonly number[]): { longestGapMs: number; gapEndedAtMs: number } {
  let longest = { longestGapMs: 0, gapEndedAtMs: times[0] ?? 0 };
  times.forEach((at, index) => {
    const gap = at - (times[index - 1] ?? at);
    if (gap > longest.longestGapMs) longest = { longestGapMs: Math.round(gap), gapEndedAtMs: at };
  });
  return longest;
}

/** Ends a host's ssh connections, as a cut of the network would; sshd goes on. */
export const cutSsh = (host: string): Promise<string> =>
  runInLab(host, ['sh', '-c', 'pkill -f "[s]shd: .*@notty" || :']);

/** Waits for a condition. @throws Error naming what was waited for, and what was last seen if that is told */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string | (() => string),
  limitMs = 60_000,
  everyMs = 20,
): Promise<void> {
  for (const deadline = Date.now() + limitMs; !(await isTrue());) {
    if (Date.now() > deadline)
      throw new Error(
        `gave up after ${limitMs} ms waiting for ${typeof what === 'string' ? what : what()}`,
      );
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
