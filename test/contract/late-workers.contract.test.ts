/** A worker that stood still in the middle of a step ends and removes nothing of a guest that another run has by then. */
import { IMPLEMENTATIONS } from '../../activities/index.js';
import { codeOf } from '../../activities/kit/fence.js';
import { hostOf } from '../../drivers/fake/world.js';
import { HostName, MigrationId } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';
import { contextOn } from '../helpers/memory-engine.js';

const HOSTS = ['h1', 'h2'].map((name) => HostName.parse(name));
const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const guestsOf = (site: FakeSite) =>
  HOSTS.flatMap((name) => [...hostOf(site.world, name).guests.values()]);

/** Another run takes the guest; `id` undefined: this one's is over. */
function takeAway(site: FakeSite, id: string | undefined): void {
  const mark = id === undefined ? undefined : { migrationId: MigrationId.parse(id), epoch: 1 };
  for (const guest of guestsOf(site)) Object.assign(guest, { mark, definedMark: mark });
}

/** While this step is at this call, `then` happens, once. */
function meanwhile(site: FakeSite, at: { step: string; call: string }, then: () => void) {
  let isArmed = false;
  site.faults.onCall = (call) => {
    if (!isArmed || call !== at.call) return;
    isArmed = false;
    then();
  };
  return (step: string) => {
    if (step === at.step) isArmed = true;
  };
}

const MOVES = { live: migrate, cold: migrateCold };
const removedOn = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>) =>
  [...before.keys()].filter((path) => !after.has(path));

it.each([
  ['live', 'source.destroy', 'h1.hypervisor.xml', 'another'],
  ['live', 'source.destroy', 'h1.hypervisor.xml', undefined],
  ['cold', 'source.discard', 'h2.storage.files.keep', 'another'],
  ['cold', 'source.discard', 'h2.storage.files.keep', undefined],
] as const)(
  'a %s move’s %s removes no definition once another run has the guest (at %s, by %s)',
  async (kind, step, call, by) => {
    const site = await buildSite(['local']);
    const here = hostOf(site.world, H1);
    let before = new Map<string, unknown>();
    const arm = meanwhile(site, { step, call }, () => {
      before = new Map(here.files);
      takeAway(site, by);
    });

    const { engine } = await MOVES[kind](site, { onInput: arm, answer: () => 'skip' });

    expect(engine.holds[0]).toMatchObject({ step, code: 'FENCED' });
    expect(here.guests.size).toBe(1);
    expect(before.size).toBeGreaterThan(0);
    expect(removedOn(before, here.files)).toEqual([]);
  },
);

it.each([
  ['live', 'source.destroy', 'another'],
  ['live', 'source.destroy', undefined],
  ['cold', 'source.discard', 'another'],
  ['cold', 'source.discard', undefined],
] as const)(
  'a %s move’s %s removes no file once another run has the guest, while others are asked (by %s)',
  async (kind, step, by) => {
    const site = await buildSite(['local']);
    const here = hostOf(site.world, H1);
    let before = new Map<string, unknown>();
    const arm = meanwhile(site, { step, call: 'h1.storage.files.existing' }, () => {
      before = new Map(here.files);
      takeAway(site, by);
    });

    const { engine } = await MOVES[kind](site, { onInput: arm, answer: () => 'skip' });

    expect(engine.holds[0]).toMatchObject({ step, code: 'FENCED' });
    expect(before.size).toBeGreaterThan(0);
    expect(removedOn(before, here.files)).toEqual([]);
  },
);

it.each(['another', undefined])(
  'a late undo of the start ends no guest that another run has (by %s)',
  async (by) => {
    const site = await buildSite(['local']);
    let late: unknown;
    const see = (step: string, input: unknown) => {
      if (step === 'guest.start') late = input;
    };
    await migrateCold(site, { onInput: see });
    const [guest] = hostOf(site.world, H2).guests.values();
    if (guest) guest.mark = { migrationId: MigrationId.parse('migration-1'), epoch: 1 };
    meanwhile(site, { step: '', call: 'h2.hypervisor.find' }, () => takeAway(site, by))('');
    const start = IMPLEMENTATIONS.find(({ step }) => step.name === 'guest.start');

    const undo = start ? codeOf(start, site.deps).undo : undefined;

    await expect(undo?.(late, contextOn())).rejects.toMatchObject({ code: 'FENCED' });
    expect(guest?.state).toBe('running');
  },
);

/** Its guest listens to no request to shut down, at which `then` happens; `asked` counts them. */
function stubborn({ deps }: FakeSite, then: () => void) {
  const asked: string[] = [];
  const shutdown = (): Promise<void> => {
    asked.push('shutdown');
    then();
    return Promise.resolve();
  };
  const on = async (name: HostName) => {
    const drivers = await deps.dataCentre.on(name);
    const hypervisor = new Proxy(drivers.hypervisor, {
      get: (verbs, name, self): unknown =>
        name === 'shutdown' ? shutdown : Reflect.get(verbs, name, self),
    });
    return { ...drivers, hypervisor };
  };
  return { asked, deps: { ...deps, dataCentre: { ...deps.dataCentre, on } } };
}

/** vm1 is on h1, after a move that was reverted; `late` is what its guest.powerOff was given. */
async function givenBack() {
  const site = await buildSite(['local']);
  let late: object = {};
  const see = (step: string, input: unknown) => {
    if (step === 'guest.powerOff') late = input as object;
  };
  await migrateCold(site, { onInput: see, decide: 'revert' });
  const [guest] = hostOf(site.world, H1).guests.values();
  if (!guest) throw new Error('vm1 is not on h1');
  guest.mark = { migrationId: MigrationId.parse('migration-1'), epoch: 1 };
  return { site, guest, late };
}

const powerOff = IMPLEMENTATIONS.find(({ step }) => step.name === 'guest.powerOff');

it.each([
  { when: 'at the deadline', shutdownSeconds: 5 },
  { when: 'before the second request', shutdownSeconds: 15 },
])(
  'a late worker that waits for a shutdown leaves a guest that was given back alone ($when)',
  async ({ shutdownSeconds }) => {
    const { site, guest, late } = await givenBack();
    const { deps, asked } = stubborn(site, () => takeAway(site, undefined));
    const code = powerOff && codeOf(powerOff, deps);

    const run = code?.run({ ...late, shutdownSeconds }, contextOn());

    await expect(run).rejects.toMatchObject({ code: 'FENCED' });
    expect(asked).toEqual(['shutdown']);
    expect(guest.state).toBe('running');
  },
);

it('a worker that was told to stop while it stood still ends no guest at the deadline', async () => {
  const { site, guest, late } = await givenBack();
  const { deps } = stubborn(site, () => undefined);
  const stop = new AbortController();
  let nowMs = 0;
  let finds = 0;
  // While it asks, in its wait, whether the guest is off: an hour later the answer is that it is not.
  site.faults.onCall = (call) => {
    if (call !== 'h1.hypervisor.find' || ++finds !== 3) return;
    nowMs += 3_600_000;
    stop.abort();
  };
  const context = { ...contextOn(undefined, stop), nowMs: () => nowMs };
  const code = powerOff && codeOf(powerOff, deps);

  await expect(code?.run({ ...late, shutdownSeconds: 5 }, context)).rejects.toThrow('cancelled');
  expect(guest.state).toBe('running');
});
