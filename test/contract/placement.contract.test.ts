/** A guest all of whose paths, volumes and bridges are others on the target: nobody may read the source's for them. */
import type { FaultMode } from '../../drivers/fake/data-centre.js';
import { hostOf } from '../../drivers/fake/world.js';
import { Device, HostName, HostPath } from '../../model/ids.js';
import { Placement } from '../../model/placement.js';
import {
  buildSite,
  migrate,
  migrateCold,
  migrateWarm,
  type FakeSite,
} from '../helpers/fake-migration.js';

jest.setTimeout(180_000);

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const MAC = '52:54:00:77:00:01';
const FOLDER = '/srv/fast/vm1';
const file = (name: string) => ({
  kind: 'file' as const,
  path: HostPath.parse(`${FOLDER}/${name}`),
});

const ELSEWHERE = Placement.parse({
  disks: {
    vda: file('root'),
    vdb: {
      kind: 'network',
      protocol: 'iscsi',
      name: 'iqn.2026-11.elsewhere:vm1',
      hosts: [{ name: '10.77.0.1', port: 3260 }],
    },
    vdc: file('install.iso'),
    nvram: file('vars.fd'),
  },
  ports: { [MAC]: { bridge: Device.parse('br9') } },
});

/** h2 has no br0, and no folder of the guest's. */
async function build(): Promise<FakeSite> {
  const site = await buildSite(['local', 'volume', 'iso', 'nvram']);
  const h2 = hostOf(site.world, H2);
  h2.facts = { ...h2.facts, bridges: ['br9'] };
  h2.files.set('/srv/fast', { content: '', isFolder: true });
  return site;
}

const MOVES = [
  { way: 'live', move: migrate },
  { way: 'cold', move: migrateCold },
  { way: 'warm', move: migrateWarm },
] as const;

describe.each(MOVES)('moved $way', ({ move }) => {
  it('has all of it under the target’s names, and nothing under the source’s', async () => {
    const site = await build();
    const h1 = hostOf(site.world, H1);
    const [before] = [...h1.guests.values()];
    const disk = h1.files.get('/var/lib/libvirt/images/vm1/disk0')?.content;

    const { outcome } = await move(site, { placement: ELSEWHERE });

    expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
    const h2 = hostOf(site.world, H2);
    const [after] = [...h2.guests.values()];
    for (const xml of [after?.xml, after?.definition]) {
      expect(xml).toContain(`${FOLDER}/root`);
      expect(xml).toContain(`${FOLDER}/install.iso`);
      expect(xml).toContain(`${FOLDER}/vars.fd`);
      expect(xml).toContain('iqn.2026-11.elsewhere:vm1');
      expect(xml).toContain('br9');
      expect(xml).not.toMatch(/images\/vm1|nvram\/vm1|iqn\.2026-11\.lab|br0/);
    }
    expect(before?.definition).toContain('images/vm1');
    const arrived = h2.files.get(`${FOLDER}/root`)?.content ?? '';
    expect(arrived).toContain(disk?.split(' over:')[0]);
    expect([...h2.files.keys()].filter((path) => path.includes('images/vm1'))).toEqual([]);
    expect([...h2.volumes]).toEqual(['iqn.2026-11.elsewhere:vm1']);
    expect(h2.bindings.get(MAC)?.port).toMatchObject({ bridge: 'br9' });
    expect([...h2.marks.keys()]).toEqual([]);
    expect(site.world.splitBrains).toEqual([]);
  });

  it('leaves both hosts as they were when any call fails on its way', async () => {
    const good = await build();
    await move(good, { placement: ELSEWHERE });
    const calls = good.faults.calls.length;
    const end = await good.picture();
    for (const mode of ['before', 'lost'] as const satisfies readonly FaultMode[])
      for (let call = 1; call <= calls; call++) {
        const site = await build();
        const start = await site.picture();
        site.faults.at = { call, mode };

        const { outcome } = await move(site, { placement: ELSEWHERE });

        const name = good.faults.calls[call - 1];
        expect({ name, mode, picture: await site.picture() }).toEqual({
          name,
          mode,
          picture: outcome.kind === 'done' ? end : start,
        });
      }
  });
});

it('goes back to where it was when the move is reverted', async () => {
  const site = await build();
  const start = await site.picture();

  const { outcome } = await migrateCold(site, { placement: ELSEWHERE, decide: 'revert' });

  expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'REVERTED' } });
  expect(await site.picture()).toEqual(start);
});
