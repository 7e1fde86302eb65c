/** What must be true when a case is over. */
import { hostOf, leftoversOf } from '../guests.js';
import { askBootingGuest, runInLab, until } from '../observer.js';
import type { Ended } from './follow.js';
import type { Kind } from './kinds.js';
import type { FaultSite } from './site.js';

/** What was so before. */
export interface Facts {
  readonly ended: Ended;
  readonly source: string;
  readonly target: string;
  readonly start: Record<string, object>;
  readonly acknowledged: number;
}

/** What is not as it must be. */
export async function check(
  site: FaultSite,
  kind: Kind,
  { ended, source, target, start, acknowledged }: Facts,
): Promise<string[]> {
  const found: string[] = [];
  const expect = (isRight: boolean, what: string) => void (isRight || found.push(what));
  if (ended.ending === 'held') {
    const state = await runInLab(source, ['virsh', 'domstate', kind.vm, '--reason']);
    expect(state.startsWith('paused'), `its part on ${source} is ${state.trim()}`);
    return found;
  }
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
    90_000,
    200,
  ).catch(() => undefined);
  expect(verdict === 'whole', `its records are ${verdict}`);
  expect(count >= acknowledged, `${acknowledged} records were acknowledged, ${count} are there`);
  const now = await leftoversOf(kind.vm);
  for (const host of Object.keys(now)) {
    // After a move the target has what the source had, with a tap by drover's name, and the source nothing.
    const left = kind.staysOn?.(source, start[source]) ?? {};
    const moved = { [source]: left, [target]: { ...start[source], tap: true } }[host];
    const clean = (wanted === target ? moved : undefined) ?? start[host];
    const as = (what: object | undefined) => sortedText({ ...what, ...neighbourOf(start[host]) });
    expect(
      sortedText(now[host] ?? {}) === as(clean),
      `${host} has ${sortedText(now[host] ?? {})}, not ${as(clean)}`,
    );
  }
  const claims = await site.inventory.claims();
  expect(claims.length === 0, `${claims.length} claims are left`);
  return found;
}

/** A neighbour stays where it is, and as it is. */
const neighbourOf = (start: object | undefined): object => {
  const { neighbour } = (start ?? {}) as { neighbour?: string[] };
  return { neighbour };
};

const sortedText = (what: object): string =>
  JSON.stringify(
    Object.entries(what)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
