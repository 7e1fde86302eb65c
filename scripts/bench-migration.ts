/** drover against plain `virsh migrate --live --p2p` on the lab: the gap seen outside, and where drover's time goes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import type { Drover } from '../client/drover.js';
import { inLab, observe, runInLab } from '../lab/observer.js';
import { connectToSite, registerLab, startLabSite } from '../lab/site.js';
import { median } from './figures.js';
import { wholeNumber } from './options.js';

const VM = 'web1';
const IP = '10.77.0.101';
const VIRSH_MOVE = [
  'virsh',
  '-q',
  'migrate',
  '--live',
  '--p2p',
  '--unsafe',
  '--persistent',
  '--undefinesource',
];

const TURNS = ['drover', 'virsh'] as const;

interface Move {
  readonly gapMs: number;
  readonly stepMs: Readonly<Record<string, number>>;
  /** Everything but `transfer.run`, from the workflow's start to its end. */
  readonly overheadMs: number;
  readonly activatedAfterMs: number;
}

async function moveByDrover(drover: Drover, target: string): Promise<Move> {
  await forgetActive(target);
  const watched = await watch(target);
  const migration = await drover.startLiveMigration({
    vm: VM,
    target,
    requestedBy: 'bench',
    reason: 'bench',
  });
  await migration.result();
  const seen = await watched.stop();
  const { stepMs, totalMs } = await readHistory(drover, migration.workflowId, migration.runId);
  return {
    ...seen,
    stepMs,
    overheadMs: totalMs - (stepMs['transfer.run'] ?? 0),
  };
}

/** Looks on in the same way whoever moves the guest: what looks on takes its share of two cores. */
async function watch(target: string) {
  const [ping, binding, resumed] = await Promise.all([
    observe(IP),
    firstSight(target, ['nft', 'monitor'], /add element bridge drover active /),
    firstSight(target, ['virsh', 'event', '--event', 'lifecycle', '--loop'], /Resumed/),
  ]);
  return {
    async stop(): Promise<Pick<Move, 'gapMs' | 'activatedAfterMs'>> {
      const { longestGapMs: gapMs } = await ping.stop();
      const [activeAt, resumedAt] = await Promise.all([binding.stop(), resumed.stop()]);
      return { gapMs, activatedAfterMs: activeAt - resumedAt };
    },
  };
}

/** Forgets that an earlier stay was active: virsh, which moved the guest away, does not. */
const forgetActive = (host: string) =>
  runInLab(host, ['nft', 'flush set bridge drover active']).catch(() => undefined);

/** When a line that matches was first printed by a command on a host, in milliseconds since 1970. */
async function firstSight(
  host: string,
  argv: readonly string[],
  sign: RegExp,
): Promise<{ stop(): Promise<number> }> {
  const watcher = spawn(...inLab(host, ['stdbuf', '-oL', ...argv]));
  let at = NaN;
  let heard = '';
  watcher.stdout.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    if (Number.isNaN(at) && sign.test(heard)) at = Date.now();
  });
  await once(watcher, 'spawn');
  return {
    async stop() {
      watcher.kill();
      await once(watcher, 'close');
      return at;
    },
  };
}

/** Times of each step by the server's clock: scheduled to completed. */
async function readHistory(drover: Drover, workflowId: string, runId: string | undefined) {
  const { events } = await drover.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  const at = (event: { eventTime?: { seconds?: unknown; nanos?: number | null } | null }) =>
    Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
  const scheduled = new Map<string, { name: string; at: number }>();
  const stepMs: Record<string, number> = {};
  for (const event of events ?? []) {
    const start = event.activityTaskScheduledEventAttributes;
    if (start)
      scheduled.set(String(event.eventId), { name: start.activityType?.name ?? '', at: at(event) });
    const known = scheduled.get(
      String(event.activityTaskCompletedEventAttributes?.scheduledEventId),
    );
    if (!known) continue;
    stepMs[known.name] = at(event) - known.at;
  }
  const [first, last] = [events?.[0], events?.at(-1)];
  return { stepMs, totalMs: first && last ? at(last) - at(first) : NaN };
}

async function moveByVirsh(source: string, target: string): Promise<number> {
  const watched = await watch(target);
  await runInLab(source, [...VIRSH_MOVE, VM, `qemu+tcp://10.77.0.1${target.slice(1)}/system`]);
  return (await watched.stop()).gapMs;
}

async function main(moves: number, isJson: boolean): Promise<void> {
  const site = await startLabSite();
  const drover = await connectToSite(site.env);
  const [byDrover, byVirsh]: [Move[], number[]] = [[], []];
  try {
    let at = (await drover.discover('h1')).vms.some(({ name }) => name === VM) ? 'h1' : 'h2';
    const other = () => (at === 'h1' ? 'h2' : 'h1');
    const move = async (who: 'drover' | 'virsh') => {
      if (who === 'drover') byDrover.push(await moveByDrover(drover, other()));
      else byVirsh.push(await moveByVirsh(at, other()));
      at = other();
      // The inventory learns what virsh did behind its back; after drover's too, so that the guest rests alike before each move.
      await registerLab(site.env);
    };
    for (let round = 1; round <= moves; round++) {
      for (const who of round % 2 ? TURNS : TURNS.toReversed()) await move(who);
      process.stderr.write(
        `round ${round} of ${moves}: gap ${byDrover.at(-1)?.gapMs ?? 0} ms by drover, ${byVirsh.at(-1) ?? 0} ms by virsh\n`,
      );
    }
  } finally {
    await drover.close();
    await site.stop();
  }
  report(byDrover, byVirsh, isJson);
}

function report(moves: readonly Move[], virsh: readonly number[], isJson: boolean): void {
  const names = Object.keys(moves[0]?.stepMs ?? {});
  const stepMs = Object.fromEntries(
    names.map((name) => [name, median(moves.map((move) => move.stepMs[name] ?? NaN))]),
  );
  const figures = {
    moves: moves.length,
    gapMsDrover: median(moves.map(({ gapMs }) => gapMs)),
    gapMsVirsh: median(virsh),
    overheadMs: median(moves.map(({ overheadMs }) => overheadMs)),
    activatedAfterMs: median(moves.map(({ activatedAfterMs }) => activatedAfterMs)),
    stepMs,
  };
  if (isJson)
    return console.log(JSON.stringify({ ...figures, raw: { drover: moves, virsh } }, null, 2));
  console.log(`\n| medians of ${figures.moves} moves each, interleaved | ms |\n|---|---|`);
  console.log(
    `| gap of a ping every 10 ms, drover | ${figures.gapMsDrover} |\n| the same, virsh | ${figures.gapMsVirsh} |`,
  );
  console.log(`| ratio | ${(figures.gapMsDrover / figures.gapMsVirsh).toFixed(2)} |`);
  console.log(`| everything but transfer.run | ${Math.round(figures.overheadMs)} |`);
  console.log(
    `| binding active after the target resumed (libvirt event) | ${Math.round(figures.activatedAfterMs)} |`,
  );
  for (const [name, ms] of Object.entries(stepMs)) console.log(`| ${name} | ${Math.round(ms)} |`);
}

const { moves, json } = parseArgs({
  options: { moves: { type: 'string' }, json: { type: 'boolean' } },
}).values;
main(wholeNumber('moves', moves) ?? 10, json ?? false).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
