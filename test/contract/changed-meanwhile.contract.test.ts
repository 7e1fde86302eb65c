/** Somebody changes the guest's definition on the source while its move goes on: the change is not lost in silence. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import {
  buildSite,
  endsOfMove,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';

const H1 = HostName.parse('h1');
const DISK = `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/new.raw'/><target dev='vdz' bus='virtio'/></disk>`;

type Edit = (xml: string) => string;
/** virsh attach-disk vm1 new.raw vdz --config. */
const attach: Edit = (xml) => xml.replace('</devices>', `${DISK}</devices>`);
/** virsh setmem vm1 2G --config. */
const setMemory: Edit = (xml) => xml.replace('>1</memory>', '>2</memory>');
const setPassword: Edit = (xml) => xml.replace("passwd='console of vm1'", "passwd='other'");

const definitionOf = (site: FakeSite): string | undefined =>
  [...hostOf(site.world, H1).guests.values()][0]?.definition;

/** Changes it on the source alone, before this step for the first time. */
function before(site: FakeSite, at: string, edit: Edit): (step: string) => void {
  let isDone = false;
  return (step) => {
    if (step !== at || isDone) return;
    isDone = true;
    for (const guest of hostOf(site.world, H1).guests.values())
      guest.definition = edit(guest.definition);
  };
}

it.each<[string, Edit, RegExp]>([
  ['a new disk', attach, /on h1 was changed .*: disk vdz$/],
  ['more memory', setMemory, /: memory$/],
  ['another console password', setPassword, /: a password$/],
])('a cold move holds before it removes a definition with %s', async (_what, edit, says) => {
  const site = await buildSite(['local']);
  const seen: (string | undefined)[] = [];

  const { outcome, engine } = await migrateCold(site, {
    onInput: before(site, 'guest.confirm', edit),
    answer: () => {
      seen.push(definitionOf(site));
      return 'forward';
    },
  });

  expect(engine.holds).toMatchObject([
    {
      step: 'guest.confirm',
      code: 'DEFINITION_CHANGED',
      message: expect.stringMatching(says) as string,
      hint: expect.stringMatching(/Make the change on h2 too.* forward/) as string,
      choices: ['retry', 'forward', 'rollback'],
    },
  ]);
  expect(seen).toEqual([expect.any(String)]);
  // Somebody has said that it may go.
  expect(outcome.kind).toBe('done');
  expect(hostOf(site.world, H1).guests.size).toBe(0);
});

it('goes on by itself when the change was taken back', async () => {
  const site = await buildSite(['local']);
  const now = definitionOf(site);
  const { outcome } = await migrateCold(site, {
    onInput: before(site, 'guest.confirm', attach),
    answer: () => {
      for (const guest of hostOf(site.world, H1).guests.values()) guest.definition = now ?? '';
      return 'retry';
    },
  });

  expect(outcome.kind).toBe('done');
});

it('a guest that is rolled back keeps what was changed', async () => {
  const site = await buildSite(['local']);
  const { outcome } = await migrateCold(site, {
    onInput: before(site, 'guest.confirm', attach),
    answer: () => 'rollback',
  });

  expect(outcome.kind).toBe('unwound');
  expect(definitionOf(site)).toContain('/srv/new.raw');
});

it('the overlays of a warm copy are no change', async () => {
  const site = await buildSite(['local']);

  const { outcome, engine } = await migrateWarm(site);

  expect(engine.holds).toEqual([]);
  expect(outcome.kind).toBe('done');
});

it.each([
  ['definition.persist', 'disk vdz'],
  ['transfer.run', 'disk vdz'],
])('a live move keeps a definition that was changed before %s', async (at, what) => {
  const site = await buildSite(['local']);
  const { source, uuid } = await endsOfMove(site.world);

  const { outcome, engine } = await migrate(site, {
    onInput: before(site, at, attach),
    answer: () => {
      expect(definitionOf(site)).toContain('/srv/new.raw');
      // As the hint says: virsh undefine.
      hostOf(site.world, H1).guests.delete(uuid);
      return 'retry';
    },
  });

  expect(engine.holds).toMatchObject([
    {
      step: 'source.destroy',
      code: 'DEFINITION_CHANGED',
      message: expect.stringContaining(what) as string,
      hint: expect.stringContaining('virsh undefine') as string,
      choices: ['retry', 'skip'],
    },
  ]);
  expect(outcome.kind).toBe('done');
  expect(await source.hypervisor.find(uuid)).toBeUndefined();
});

it.each([
  { way: 'live', move: migrate, at: 'transfer.run', folder: '/var/lib/libvirt/images/vm1' },
  {
    way: 'cold',
    move: migrateCold,
    at: 'guest.confirm',
    folder: '/var/lib/libvirt/images/vm1_resize',
  },
])('a $way move names the folder that stays for what is in it', async ({ move, at, folder }) => {
  const site = await buildSite(['local']);
  const { files } = hostOf(site.world, H1);
  const notes = `${folder}/operator-notes.txt`;

  const { outcome } = await move(site, {
    onInput: (step) => {
      if (step === at) files.set(notes, { content: 'mine', isFolder: false });
    },
  });

  expect(files.has(notes)).toBe(true);
  expect(outcome).toMatchObject({
    kind: 'done',
    value: { kept: [expect.stringMatching(`^${folder}, since there is more in it`)] },
  });
});
