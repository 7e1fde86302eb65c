/** One case: a migration of a guest that writes, a fault at a step, and what must be true when it is over. */
import { MigrationError, type Migration } from '../../api/client.js';
import { pause, withDeadline } from '../../drivers/deadline.js';
import { hostOf, leftoversOf } from '../guests.js';
import { askBootingGuest, until } from '../observer.js';
import {
  FAULTS,
  isPlayed,
  smallDisk,
  type FaultName,
  type RealFault,
  type Scene,
} from './faults.js';
import { expectedOf, kindOf, type Ending, type Kind } from './kinds.js';
import { untilSending } from '../moves.js';
import type { FaultSite } from './site.js';

/** What came of it. */
export interface Result {
  readonly kind: string;
  readonly step: string;
  readonly fault: FaultName;
  readonly ending: string;
  readonly hold?: string;
  readonly also?: RealFault;
  /** What is not as it must be; empty is good. */
  readonly faults: readonly string[];
  readonly seconds: number;
}

const BY = { by: 'faults', reason: 'the cause is gone' };
const END_MS = 150_000;
const nothing = () => Promise.resolve();

/** What is done to one migration. */
export interface Case {
  /** Its kind's name. */
  readonly kind: string;
  readonly step: string;
  readonly fault: FaultName;
  /** A second fault, so long after the first; then any proven ending will do. */
  readonly also?: { readonly fault: RealFault; readonly afterMs: number };
}

/** Runs one case from wherever the guest is, to the other host. */
export async function runCase(site: FaultSite, asked: Case): Promise<Result> {
  const startedAt = Date.now();
  const { step, fault, also } = asked;
  const kind = kindOf(asked.kind);
  const source = await hostOf(kind.vm);
  const target = source === 'h1' ? 'h2' : 'h1';
  const needsDisk = [fault, also?.fault].includes('target disk full');
  const unmount = needsDisk ? await smallDisk(target) : nothing;
  const start = await leftoversOf(kind.vm);
  await until(() => isReady(kind, isMet(asked)), 'the guest to be ready', 60_000);
  const writer = keepWriting(kind);
  const heals: (() => Promise<unknown>)[] = [];
  let ended: Ended = { ending: 'not started' };
  let found: string[] = [];
  try {
    ended = await underFault(site, asked, { source, target }, heals);
    const acknowledged = await writer.stop();
    for (const heal of heals) await heal();
    found = await check(site, kind, { ended, source, target, start, acknowledged });
  } catch (error) {
    found = [error instanceof Error ? error.message : String(error)];
  } finally {
    await writer.stop();
    for (const heal of heals) await heal();
    await unmount();
  }
  const allowed: readonly string[] = expectedOf(kind, step, fault);
  if (!also && !allowed.includes(ended.ending))
    found.unshift(
      `ended as ${ended.ending}${ended.why ? ` (${ended.why})` : ''}, not ${allowed.join(' or ')}`,
    );
  return {
    ...{ kind: asked.kind, step, fault, ending: ended.ending, faults: found },
    ...(ended.hold ? { hold: ended.hold } : {}),
    ...(also ? { also: also.fault } : {}),
    seconds: (Date.now() - startedAt) / 1000,
  };
}

interface Ended {
  readonly ending: Ending | 'not started' | 'failed';
  readonly hold?: string;
  readonly why?: string;
}

/** Starts, breaks, and follows to the end; a hold is healed and answered. */
async function underFault(
  site: FaultSite,
  asked: Case,
  { source, target }: { readonly source: string; readonly target: string },
  heals: (() => Promise<unknown>)[],
): Promise<Ended> {
  const { step, fault, also } = asked;
  const kind = kindOf(asked.kind);
  const { reached } = site.arm({ step, way: isPlayed(fault) ? fault : 'halt' });
  const isLong = isMet(asked);
  const migration = await kind.start(site.drover, target, isLong);
  const scene: Scene = { site, migration, vm: kind.vm, source, target };
  if (!isPlayed(fault)) {
    await withDeadline(
      reached,
      60_000,
      () => new Error(`gave up waiting for ${step} to be reached`),
    );
    if (isLong) {
      site.go();
      await untilSending(migration);
    }
    heals.push(await FAULTS[fault](scene));
    if (!isLong && fault !== 'worker killed') site.go();
  }
  if (also) {
    await pause(also.afterMs);
    heals.push(await FAULTS[also.fault](scene));
  }
  return follow(site, migration, heals);
}

async function follow(
  site: FaultSite,
  migration: Migration,
  heals: readonly (() => Promise<unknown>)[],
): Promise<Ended> {
  let hold: string | undefined;
  const outcome = resultOf(migration);
  for (const deadline = Date.now() + END_MS; ;) {
    const ended = await Promise.race([outcome, pause(200)]);
    if (ended) {
      const ending = typeof ended === 'string' ? ended : (ended.outcome as Ending);
      const why = typeof ended === 'string' ? {} : { why: `${ended.code}: ${ended.message}` };
      return hold ? { ending: `held, then ${ending}` as Ending, hold, ...why } : { ending, ...why };
    }
    const waiting = await migration.progress().then(
      ({ hold: now }) => now,
      () => undefined,
    );
    if (waiting) {
      hold ??= `${waiting.step} ${waiting.code}`;
      for (const heal of heals) await heal();
      await migration.retry(BY).catch(() => undefined);
    }
    if (Date.now() > deadline) {
      // Else its watcher goes on asking a Temporal that is gone.
      await site.drover.temporal.workflow.getHandle(migration.workflowId).terminate('not over');
      await outcome;
      throw new Error(
        `not over after ${END_MS / 1000} s; ${waiting ? `held at ${waiting.step}: ${waiting.message}` : 'no hold'}`,
      );
    }
  }
}

/** The end, however often Temporal is away meanwhile. */
async function resultOf(migration: Migration): Promise<Ending | MigrationError> {
  for (;;) {
    try {
      return (await migration.result()).outcome as Ending;
    } catch (error) {
      if (error instanceof MigrationError) return error;
      await pause(300);
    }
  }
}

interface Facts {
  readonly ended: Ended;
  readonly source: string;
  readonly target: string;
  readonly start: Record<string, object>;
  readonly acknowledged: number;
}

async function check(
  site: FaultSite,
  kind: Kind,
  { ended, source, target, start, acknowledged }: Facts,
): Promise<string[]> {
  const found: string[] = [];
  const expect = (isRight: boolean, what: string) => void (isRight || found.push(what));
  const at = await hostOf(kind.vm);
  const wanted = ended.ending.endsWith('moved') ? target : source;
  expect(at === wanted, `the guest runs on ${at || 'no host'}, not on ${wanted}`);
  let count = -1;
  let verdict = 'silent';
  await until(
    async () => {
      const said = await askBootingGuest(kind.ip, `records?${kind.disk}`).catch(() => '');
      const [records, isWhole = 'silent'] = said.trim().split(' ');
      [count, verdict] = [Number(records), isWhole];
      return said !== '';
    },
    'the guest to answer',
    30_000,
  ).catch(() => undefined);
  expect(verdict === 'whole', `its records are ${verdict}`);
  expect(count >= acknowledged, `${acknowledged} records were acknowledged, ${count} are there`);
  const now = await leftoversOf(kind.vm);
  for (const host of Object.keys(now)) {
    const clean = wanted === target && host === source ? {} : start[host];
    if (wanted === target && host === target) continue;
    expect(
      JSON.stringify(now[host]) === JSON.stringify(clean),
      `${host} has ${JSON.stringify(now[host])}, not ${JSON.stringify(clean)}`,
    );
  }
  const claims = await site.inventory.claims();
  expect(claims.length === 0, `${claims.length} claims are left`);
  return found;
}

/** A real fault meets the step that lasts in its middle. */
const isMet = ({ kind, step, fault }: Case): boolean =>
  step === kindOf(kind).long && !isPlayed(fault);

/** It has booted, and its disk has what the case wants to copy. */
const isReady = ({ ip, disk, fillMib }: Kind, isSlow: boolean): Promise<boolean> =>
  askBootingGuest(ip, isSlow && fillMib > 0 ? `fill?${fillMib}` : `records?${disk}`).then(
    () => true,
    () => false,
  );

/** A client that has records written, one after the other, and counts what the guest has on disk for sure. */
function keepWriting({ ip, disk }: Kind) {
  let acknowledged = 0;
  let isOver = false;
  const writing = (async () => {
    await askBootingGuest(ip, 'write?1').catch(() => undefined);
    acknowledged = Number(
      (await askBootingGuest(ip, `records?${disk}`).catch(() => '0')).trim().split(' ')[0],
    );
    while (!isOver) {
      await askBootingGuest(ip, 'write?1').then(
        () => acknowledged++,
        () => undefined,
      );
      await pause(30);
    }
  })();
  return {
    async stop(): Promise<number> {
      isOver = true;
      await writing;
      return acknowledged;
    },
  };
}
