/** What must hold for every step of every runbook, at every call, whatever fails. */
import { dirname } from 'node:path';
import { coldMigrationSteps } from '../../workflows/runbooks/cold-migration.js';
import { liveMigrationSteps } from '../../workflows/runbooks/live-migration.js';
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import {
  buildSite,
  DISKS,
  LIVE_KINDS,
  migrate,
  migrateCold,
  migrateWarm,
  OWN_DEVICE,
  SNAPSHOT,
} from '../helpers/fake-migration.js';
import { emptyDevices } from '../helpers/spoil.js';
import { contractOf } from './suites/runbook.js';

// A test plays hundreds of moves: 5 s alone, more beside the labs.
jest.setTimeout(180_000);

const RUNBOOKS = [
  { runbook: 'live', steps: liveMigrationSteps, move: migrate },
  { runbook: 'cold', steps: coldMigrationSteps, move: migrateCold },
  { runbook: 'warm', steps: coldMigrationSteps, move: migrateWarm },
] as const;
const KINDS = Object.keys(DISKS);
/** A device has no place for a warm copy's overlay. */
const WARM_KINDS = LIVE_KINDS.filter((kind) => kind !== OWN_DEVICE);
const KINDS_OF = { live: LIVE_KINDS, cold: KINDS, warm: WARM_KINDS } as const;
const CASES = RUNBOOKS.flatMap((runbook) =>
  KINDS_OF[runbook.runbook].map((kind) => ({ ...runbook, kind })),
);
const build = (kind: string) => buildSite(DISKS[kind] ?? []);

for (const { runbook, steps, move, kind } of CASES) {
  contractOf({
    what: `a ${runbook} migration of a guest on ${kind}`,
    steps,
    build: () => build(kind),
    start: (site, script) => move(site, script),
  });
}

describe.each(CASES)('a $runbook migration of a guest on $kind', ({ kind, move }) => {
  it('comes back to the same state by a second move', async () => {
    const site = await build(kind);
    const start = (await site.picture()) as { vms: unknown };

    await move(site);
    emptyDevices(site);
    const { outcome } = await move(site, {}, { target: 'h1' });

    expect(outcome.kind).toBe('done');
    expect(((await site.picture()) as { vms: unknown }).vms).toEqual(start.vms);
    expect(site.world.splitBrains).toEqual([]);
  });
});

describe.each(LIVE_KINDS)('a live migration of a guest on %s', (kind) => {
  it('is taken back when the transfer fails', async () => {
    const site = await build(kind);
    site.world.transfer = 'fails';
    const start = await site.picture();

    const { outcome, engine } = await migrate(site);

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'TRANSFER_FAILED' },
      leftovers: [],
    });
    expect(engine.undone).toEqual([
      'transfer.abort',
      'definition.removeRendered',
      'disks.removeTarget',
      'volumes.disconnectTarget',
      'secrets.forgetOnTarget',
      'network.unbindTarget',
      'target.forgetTrial',
      'storage.removeProbes',
      'target.release',
    ]);
    expect(await site.picture()).toEqual(start);
  });
});

describe.each(KINDS)('a cold migration of a guest on %s', (kind) => {
  it('that is reverted ends where it began', async () => {
    const site = await build(kind);
    const start = await site.picture();

    const { outcome } = await migrateCold(site, { decide: 'revert' });

    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: { code: 'REVERTED' },
      leftovers: [],
    });
    expect(await site.picture()).toEqual(start);
  });

  it.each(kind === SNAPSHOT ? (['scp'] as const) : (['nbd', 'scp'] as const))(
    'ends well when it copies by %s',
    async (copy) => {
      const site = await build(kind);

      const { outcome } = await migrateCold(site, {}, { options: { copy } });

      expect(outcome.kind).toBe('done');
      expect(site.world.splitBrains).toEqual([]);
    },
  );
});

describe('a cold migration to a host that has another file under the backing file’s name', () => {
  const BASE = '/var/lib/libvirt/images/_base/base.qcow2';
  const build = async () => {
    const site = await buildSite(['local']);
    const { files } = hostOf(site.world, HostName.parse('h2'));
    files.set(dirname(BASE), { content: '', isFolder: true });
    files.set(BASE, { content: 'other', isFolder: false });
    return site;
  };

  it.each(['auto', 'scp'] as const)(
    'flattens the disk and leaves that file alone (%s)',
    async (copy) => {
      const site = await build();

      const { outcome } = await migrateCold(site, {}, { options: { copy } });

      expect(outcome.kind).toBe('done');
      const { files } = hostOf(site.world, HostName.parse('h2'));
      expect(files.get('/var/lib/libvirt/images/vm1/disk0')?.content).toBe(
        'data of vm1 + base image',
      );
      expect(files.get(BASE)?.content).toBe('other');
      expect([...hostOf(site.world, HostName.parse('h1')).files.keys()].join()).not.toContain(
        'vm1',
      );
    },
  );

  it('ends where it began when it is reverted', async () => {
    const site = await build();
    const start = await site.picture();

    await migrateCold(site, { decide: 'revert' }, { options: { copy: 'scp' } });

    expect(await site.picture()).toEqual(start);
  });
});
