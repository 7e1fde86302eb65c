/** Guests that nobody thought of: whatever they are made of, nothing of them and nothing of a neighbour is lost, or they do not move. */
import { ACCOUNT } from '../../guest/account/account.js';
import type { Row } from '../../guest/account/rows.js';
import { snapshot } from '../../drivers/fake/world.js';
import type { DiskKind } from '../../drivers/fake/build.js';
import type { FaultMode } from '../../drivers/fake/data-centre.js';
import {
  buildSite,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';
import { messageOf } from '../../model/errors.js';
import { randomOf, type Random } from '../helpers/random.js';
import { belongingsOn, NEIGHBOUR, VM } from '../helpers/belongings.js';

jest.setTimeout(600_000);

/**
 * How many guests in each of the two tests; a guest makes up to three moves, which takes about 0.09 s of a core: so many are a
 * minute. Thousands by the environment, for a night; and from which number on, to repeat one that failed: its number is in the failure.
 */
const GUESTS = Number(process.env['DROVER_RANDOM_GUESTS'] ?? 700);
const FIRST = Number(process.env['DROVER_RANDOM_FIRST'] ?? 1);
const MOVES = { live: migrate, cold: migrateCold, warm: migrateWarm } as const;
const KINDS: readonly DiskKind[] = [
  'shared',
  'volume',
  'local',
  'iso',
  'nvram',
  'tpm',
  'snapshot',
  'neighbour',
];
const FAULTS: readonly FaultMode[] = ['before', 'after', 'lost'];
const ROWS: readonly Row[] = Object.values(ACCOUNT)
  .flat()
  .filter(({ path }) => !['devices', 'metadata', 'os', 'name', 'uuid'].includes(path));

/** One guest: its disks and belongings, and elements of the account in one of its views or in both. */
interface Recipe {
  readonly disks: readonly DiskKind[];
  readonly running: readonly Row[];
  readonly defined: readonly Row[];
  readonly isOn: boolean;
}

function recipeOf(random: Random): Recipe {
  const both = random.some(ROWS, 3);
  return {
    disks: ['local', ...random.some(KINDS, 4)],
    running: [...both, ...random.some(ROWS, random.oneIn(4) ? 1 : 0)],
    defined: [...both, ...random.some(ROWS, random.oneIn(4) ? 1 : 0)],
    isOn: !random.oneIn(4),
  };
}

/** The XML with one element for each row, as bare as its condition lets it be. */
const withRows = (xml: string, rows: readonly Row[]): string =>
  rows.reduce((text, { path, when }) => {
    const parts = path.split('/');
    const attributes = Object.entries(when?.sample ?? {}).map(
      ([name, value]) => ` ${name}='${value}'`,
    );
    const inner = `<${parts.at(-1) ?? ''}${attributes.join('')}/>`;
    const [top, ...rest] = parts.slice(0, -1);
    const element = rest.reduceRight((inside, name) => `<${name}>${inside}</${name}>`, inner);
    if (top === 'devices' || top === 'os') return text.replace(`</${top}>`, `${element}</${top}>`);
    const whole = top === undefined ? element : `<${top}>${element}</${top}>`;
    return text.replace('</domain>', `${whole}</domain>`);
  }, xml);

async function siteOf({ disks, running, defined, isOn }: Recipe): Promise<FakeSite> {
  const site = await buildSite(disks);
  const guest = [...(site.world.hosts.values().next().value?.guests.values() ?? [])].find(
    ({ name }) => name === VM,
  );
  if (!guest) throw new Error('h1 has no guest');
  guest.definition = withRows(guest.definition, defined);
  guest.xml = isOn ? withRows(guest.xml, running) : guest.definition;
  if (!isOn) guest.state = 'shutoff';
  return site;
}

/** Verbs that a refused move has no business with. */
const TOUCHING =
  /\.(?:rename|remove|removeOwned|makeDisk|makeFolder|fetch|define|undefine|redefine|shutdown|destroy|start|startTransfer|suspend|resume|bind|writeMark|copy)$/;

/** In a long difference nobody sees which guest it was, so that comes first. */
async function eachGuest(play: (number: number) => Promise<void>): Promise<void> {
  for (let number = FIRST; number < FIRST + GUESTS; number += 1)
    await play(number).catch((error: unknown) => {
      const again = `DROVER_RANDOM_FIRST=${number} DROVER_RANDOM_GUESTS=1`;
      throw new Error(`guest ${number} (${again} repeats it): ${messageOf(error)}`);
    });
}

it(`whatever it is made of, a guest moves whole or not at all (${GUESTS} random guests)`, async () => {
  const outcomes = { moved: 0, refused: 0 };
  await eachGuest(async (number) => {
    const random = randomOf(number);
    const recipe = recipeOf(random);
    const kind = random.one(Object.keys(MOVES) as (keyof typeof MOVES)[]);
    const what = `guest ${number}, ${kind}: ${recipe.disks.join(' ')}; ${[...recipe.running, ...recipe.defined].map(({ path }) => path).join(' ')}`;

    const site = await siteOf(recipe);
    const before = await site.picture();
    const own = belongingsOn(site.world, 'h1', VM);
    const near = belongingsOn(site.world, 'h1', NEIGHBOUR);
    site.faults.calls.length = 0;
    const { outcome } = await MOVES[kind](site);

    if (outcome.kind === 'done') {
      outcomes.moved += 1;
      expect({ what, own: belongingsOn(site.world, 'h2', VM) }).toEqual({ what, own });
      expect({ what, left: belongingsOn(site.world, 'h1', VM) }).toEqual({ what, left: undefined });
    } else {
      outcomes.refused += 1;
      const touching = site.faults.calls.filter((call) => TOUCHING.test(call));
      expect({ what, touching }).toEqual({ what, touching: [] });
      expect({ what, after: await site.picture() }).toEqual({ what, after: before });
    }
    expect({ what, near: belongingsOn(site.world, 'h1', NEIGHBOUR) }).toEqual({ what, near });
    expect({ what, twice: site.world.splitBrains }).toEqual({ what, twice: [] });
  });
  // A generator whose guests all move, or none, proves nothing; of a few that are repeated nothing is said.
  if (GUESTS < 100) return;
  expect(outcomes.moved).toBeGreaterThan(GUESTS / 8);
  expect(outcomes.refused).toBeGreaterThan(GUESTS / 8);
});

it(`what fails at a random call, or is reverted, ends whole on one side (${GUESTS} random guests)`, async () => {
  await eachGuest(async (number) => {
    const random = randomOf(number + 100_000);
    const recipe = recipeOf(random);
    const kind = random.one(Object.keys(MOVES) as (keyof typeof MOVES)[]);
    const clean = await siteOf(recipe);
    const { outcome: good } = await MOVES[kind](clean);
    if (good.kind !== 'done') return;
    const site = await siteOf(recipe);
    const before = snapshot(site.world);
    const at = { call: random.below(clean.faults.calls.length) + 1, mode: random.one(FAULTS) };
    const isReverted = kind !== 'live' && random.oneIn(3);
    const what = `guest ${number}, ${kind}: ${recipe.disks.join(' ')}; ${isReverted ? 'reverted' : `call ${at.call} ${at.mode}`}`;
    if (!isReverted) site.faults.at = at;

    const { outcome } =
      kind === 'live'
        ? await migrate(site)
        : await MOVES[kind](site, { decide: isReverted ? 'revert' : 'confirm' });

    const expected = outcome.kind === 'done' ? snapshot(clean.world) : before;
    expect({ what, after: snapshot(site.world) }).toEqual({ what, after: expected });
    expect({ what, twice: site.world.splitBrains }).toEqual({ what, twice: [] });
  });
});
