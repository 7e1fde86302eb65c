/** Plays one kind with one move on the lab, and looks what came of it. */
import type { Drover } from '../../client/drover.js';
import type { Migration } from '../../client/migration.js';
import { MigrationError } from '../../client/failure.js';
import { messageOf } from '../../model/errors.js';
import { makeGuest, onHost, type EverydayGuest } from '../everyday.js';
import { LAB_HOSTS } from '../site.js';
import type { Kind, Made, MoveName } from './kind.js';

/** What came of it. */
export interface Played {
  readonly kind: string;
  readonly move: MoveName;
  readonly ending: 'moved' | 'refused' | 'wrong';
  /** Of a refusal its reason; of what is wrong, what. */
  readonly says: string;
  readonly seconds: number;
}

const NUMBER = 30;
const BY = { by: 'kinds', reason: 'the kinds of docs/kinds.md' };
/** The way back from a newer release needs a person's word. */
const ASKED = { requestedBy: BY.by, reason: BY.reason, accept: ['older-hypervisor'] };

/** Plays it; everything that was made for it is gone afterwards. */
export async function play(drover: Drover, kind: Kind, move: MoveName): Promise<Played> {
  const undos: (() => Promise<unknown>)[] = [];
  const began = Date.now();
  const as = (ending: Played['ending'], says: string): Played => ({
    kind: kind.name,
    move,
    ending,
    says,
    seconds: (Date.now() - began) / 1000,
  });
  try {
    const name = `kind${NUMBER}`;
    const made = await kind.make({ name, number: NUMBER, undo: (step) => undos.push(step) });
    const guest = await makeGuest({ ...made, name, number: NUMBER });
    undos.push(() => guest.remove());
    await made.afterwards?.(guest);
    await guest.start('h1');
    await drover.discover('h1');
    const wrong = await moved(drover, { kind, move, guest, made });
    return wrong.length > 0 ? as('wrong', wrong.join('; ')) : as('moved', '');
  } catch (error) {
    const expected = kind.refuses?.[move];
    const says = messageOf(error);
    return error instanceof MigrationError && error.outcome === 'refused' && expected?.test(says)
      ? as('refused', says)
      : as('wrong', says);
  } finally {
    for (const undo of undos.reverse()) await undo().catch(() => undefined);
    for (const host of LAB_HOSTS) await drover.discover(host);
  }
}

interface Case {
  readonly kind: Kind;
  readonly move: MoveName;
  readonly guest: EverydayGuest;
  readonly made: Made;
}

/** The move, and what is wrong then. */
async function moved(drover: Drover, at: Case): Promise<string[]> {
  const { kind, move, made } = at;
  const target = kind.target ?? 'h2';
  const before = await made.content?.('h1');
  const ends = await MOVES_BY_NAME[move](drover, at, target);
  const after = await made.content?.(ends.on);
  const wrong = [...(await wrongPlaces(at.guest, ends)), ...(await leftOver())];
  if (after !== before) wrong.push('the content differs');
  return wrong;
}

/** Where the guest is to be in the end. */
interface Ends {
  readonly on: string;
}

const mapsTo = (target: string, { storageMaps = [], mapsBack = storageMaps }: Kind): string[] =>
  Array.from(target === 'h1' ? mapsBack : storageMaps);

const liveTo = (drover: Drover, { kind, guest }: Case, target: string, bandwidth?: number) =>
  drover.startLiveMigration({
    ...ASKED,
    vm: guest.name,
    target,
    isCarryingSecrets: kind.isCarryingSecrets ?? false,
    storageMaps: mapsTo(target, kind),
    options: bandwidth === undefined ? {} : { bandwidthMibPerSec: bandwidth },
  });

async function coldTo(
  drover: Drover,
  { kind, guest }: Case,
  target: string,
  decide: 'confirm' | 'revert',
  isWarm = false,
): Promise<void> {
  const migration = await drover.startColdMigration({
    ...ASKED,
    vm: guest.name,
    target,
    isCarryingSecrets: kind.isCarryingSecrets ?? false,
    storageMaps: mapsTo(target, kind),
    options: { shutdownSeconds: 0, isWarm },
  });
  for await (const { state } of migration.watch(100)) if (state === 'unconfirmed') break;
  if ((await migration.progress()).state === 'unconfirmed') await migration[decide](BY);
  await ended(migration);
}

const MOVES_BY_NAME: Readonly<
  Record<MoveName, (drover: Drover, at: Case, target: string) => Promise<Ends>>
> = {
  /** There and back. */
  async live(drover, at, target) {
    await ended(await liveTo(drover, at, target));
    await at.made.beforeBack?.();
    await ended(await liveTo(drover, at, 'h1'));
    return { on: 'h1' };
  },
  async 'live, ended in the middle'(drover, at, target) {
    const migration = await liveTo(drover, at, target, 1);
    for await (const { steps } of migration.watch(20))
      if (steps.some(({ name, state }) => name === 'transfer.run' && state === 'running')) break;
    // It may have been refused by then.
    await migration.abort(BY.by).catch(() => undefined);
    const error: unknown = await migration.result().catch((reason: unknown) => reason);
    if (!(error instanceof MigrationError)) throw new Error('it was not ended in the middle');
    if (!['cancelled', 'rolled-back'].includes(error.outcome)) throw error;
    return { on: 'h1' };
  },
  async cold(drover, at, target) {
    await coldTo(drover, at, target, 'confirm');
    await at.made.beforeBack?.();
    await coldTo(drover, at, 'h1', 'confirm');
    return { on: 'h1' };
  },
  async 'cold, reverted'(drover, at, target) {
    await coldTo(drover, at, target, 'revert');
    return { on: 'h1' };
  },
  async warm(drover, at, target) {
    await coldTo(drover, at, target, 'confirm', true);
    return { on: target };
  },
};

/** Its result, unless it asks a person: nobody is there. */
async function ended(migration: Migration): Promise<void> {
  for await (const { hold } of migration.watch(100))
    if (hold && hold.kind !== 'window')
      throw new Error(`${hold.step} asks a person: ${hold.code} ${hold.message}`);
  await migration.result();
}

async function wrongPlaces(guest: EverydayGuest, { on }: Ends): Promise<string[]> {
  const states = LAB_HOSTS.map(async (host) => {
    const state = (await guest.virsh(host, 'domstate').catch(() => 'absent')).trim();
    const wanted = host === on ? 'running' : 'absent';
    return state === wanted ? [] : [`on ${host} it is ${state}, not ${wanted}`];
  });
  return (await Promise.all(states)).flat();
}

/** Marks, probes, folders of copies, set-aside names. */
const TRACES = `find /var/lib/libvirt /srv /run /var/lib/drover -name '*.drover-*' -o -name '.drover-probe-*' -o -name '*_resize' -o -name 'drover-copy-*' -o -name '*.part-*' -o -name 'device-*' 2>/dev/null || :`;

const leftOver = async (): Promise<string[]> => {
  const each = LAB_HOSTS.map(async (host) =>
    (await onHost(host, TRACES))
      .split('\n')
      .flatMap((path) => (path ? [`${path} is left on ${host}`] : [])),
  );
  return (await Promise.all(each)).flat();
};
