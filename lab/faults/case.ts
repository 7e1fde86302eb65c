/** One case: a migration of a guest that writes, a fault at a step, and what must be true when it is over. */
import { defined } from '../../model/defined.js';
import { pause, withDeadline } from '../../drivers/deadline.js';
import type { Migration } from '../../client/migration.js';
import { messageOf } from '../../model/errors.js';
import { hostOf, leftoversOf } from '../guests.js';
import { doing, untilPostCopy, untilSending } from '../moves.js';
import { askBootingGuest, until } from '../observer.js';
import { check } from './check.js';
import { startFromDisks } from './mend.js';
import {
  FAULTS,
  isPlayed,
  smallDisk,
  type FaultName,
  type RealFault,
  type Scene,
} from './faults.js';
import { follow, type Ended } from './follow.js';
import { expectedOf, kindOf, type Kind } from './kinds.js';
import type { FaultSite } from './site.js';
import { keepWriting } from './writer.js';

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
  /** The next case needs another lab. */
  readonly isLabSpent: boolean;
  readonly seconds: number;
}

const END_MS = 150_000;
/** A post-copy that cannot be resumed is given up after 90 s with the link up. */
const SPLIT_END_MS = 270_000;

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

/** What is known of a case while it is played. */
interface Played {
  ended: Ended;
  found: string[];
  isLabSpent: boolean;
}

/** Runs one case from wherever the guest is, to the other host. Whatever goes wrong with it is its result. */
export async function runCase(site: FaultSite, asked: Case): Promise<Result> {
  const startedAt = Date.now();
  const { kind, step, fault, also } = asked;
  const played: Played = { ended: { ending: 'not started' }, found: [], isLabSpent: false };
  await play(site, asked, played).catch(
    (error: unknown) => void played.found.push(messageOf(error)),
  );
  const { ended, found } = played;
  const allowed: readonly string[] = expectedOf(kindOf(kind), step, fault);
  if (!also && !allowed.includes(ended.ending))
    found.unshift(
      `ended as ${ended.ending}${ended.why ? ` (${ended.why})` : ''}, not ${allowed.join(' or ')}`,
    );
  return {
    kind,
    step,
    fault,
    ending: ended.ending,
    faults: found,
    isLabSpent: played.isLabSpent || found.length > 0 || ended.ending === 'held',
    ...defined({ hold: ended.hold, also: also ? also.fault : undefined }),
    seconds: (Date.now() - startedAt) / 1000,
  };
}

async function play(site: FaultSite, asked: Case, played: Played): Promise<void> {
  const kind = kindOf(asked.kind);
  const source = await sourceOf(site, kind);
  const target = source === 'h1' ? 'h2' : 'h1';
  const needsDisk = [asked.fault, asked.also?.fault].includes('target disk full');
  const unmount = needsDisk ? await smallDisk(target) : nothing;
  await kind.before?.(target);
  const start = await leftoversOf(kind.vm);
  await until(() => isReady(kind, isMet(asked)), 'the guest to be ready', 60_000, 200);
  const writer = keepWriting(kind);
  const heals: Heal[] = [];
  try {
    played.ended = await underFault(site, asked, { source, target }, heals);
    const acknowledged = await writer.stop();
    await healAll(heals);
    const facts = { ended: played.ended, source, target, start, acknowledged };
    played.found = await check(site, kind, facts);
  } finally {
    await writer.stop();
    await healAll(heals);
    await letRest(kind);
  }
  // A guest that has moved there lives on the small disk.
  if (needsDisk && played.ended.ending.endsWith('moved')) played.isLabSpent = true;
  else await unmount();
}

/** Where the guest is; one that the lab does not have, or has as another kind wants it, is made. */
async function sourceOf({ drover }: FaultSite, kind: Kind): Promise<string> {
  const found = await hostOf(kind.vm);
  if (!kind.make || (found && (await kind.fits?.(found)))) return found;
  await kind.make();
  await drover.discover('h1');
  await drover.enforceGroups('h1');
  return hostOf(kind.vm);
}

type Heal = () => Promise<unknown>;

/** Each heals as often as it is asked. */
async function healAll(heals: readonly Heal[]): Promise<void> {
  for (const heal of heals) await heal();
}

/** Starts, breaks, and follows to the end; a hold is healed and answered. */
async function underFault(
  site: FaultSite,
  asked: Case,
  { source, target }: { readonly source: string; readonly target: string },
  heals: Heal[],
): Promise<Ended> {
  const { step, fault, also } = asked;
  const kind = kindOf(asked.kind);
  const { reached } = site.arm({ step, way: isPlayed(fault) ? fault : 'halt' });
  const isLong = isMet(asked);
  const migration = await kind.start(site.drover, target, isLong);
  const scene: Scene = { site, migration, vm: kind.vm, source, target };
  if (!isLong) void letRestOnceSplit(kind, migration);
  if (!isPlayed(fault)) {
    const tooLate = () => new Error(`gave up waiting for ${step} to be reached`);
    await withDeadline(reached, 60_000, tooLate).catch(async (error: unknown) => {
      const seen = await migration.progress().catch(() => undefined);
      throw new Error(`${messageOf(error)}; ${doing(seen)}`);
    });
    if (isLong) {
      site.go();
      await (kind.isPostCopy ? untilPostCopy(migration) : untilSending(migration));
    }
    heals.push(await FAULTS[fault](scene));
    if (!isLong && fault !== 'worker killed') site.go();
  }
  if (also) {
    await pause(also.afterMs);
    heals.push(await FAULTS[also.fault](scene));
  }
  const isSplit = kind.isPostCopy && isLong;
  return follow(site, migration, () => healAll(heals), {
    isLost: isSplit && fault === 'target QEMU killed',
    isHealedInTrouble: isSplit,
    limitMs: isSplit ? SPLIT_END_MS : END_MS,
    ...defined({ mend: isSplit && fault === 'link cut' ? () => startFromDisks(scene) : undefined }),
  });
}

/** A real fault meets the step that lasts in its middle. */
const isMet = ({ kind, step, fault }: Case): boolean =>
  step === kindOf(kind).long && !isPlayed(fault);

/** Else it takes a whole core until its next case. One that is lost does not answer. */
async function letRest({ ip, isPostCopy }: Kind): Promise<void> {
  if (isPostCopy) await askBootingGuest(ip, 'dirty?0').catch(() => undefined);
}

/** A guest whose switch to post-copy was all that its case needed of it. */
async function letRestOnceSplit(kind: Kind, migration: Migration): Promise<void> {
  if (!kind.isPostCopy) return;
  await untilPostCopy(migration).then(
    () => letRest(kind),
    () => undefined,
  );
}

/** It has booted, and its disk has what the case wants to copy. */
async function isReady({ ip, asks, asksForSlow }: Kind, isSlow: boolean): Promise<boolean> {
  try {
    await askBootingGuest(ip, asks);
    if (isSlow && asksForSlow) await askBootingGuest(ip, asksForSlow);
    return true;
  } catch {
    return false;
  }
}
