/** What a target must be able to do for a guest, found before anything is touched. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, migrate, migrateCold, type FakeSite } from '../helpers/fake-migration.js';

const THREADED = "<controller type='scsi' index='0' model='virtio-scsi'><driver iothread='1'/>";

/** vm1 with a local SCSI disk behind a controller with an I/O thread. */
async function withThread(qemuVersion: number): Promise<FakeSite> {
  const site = await buildSite(['local']);
  const [guest] = hostOf(site.world, HostName.parse('h1')).guests.values();
  if (!guest) throw new Error('the site has no guest');
  const threaded = (xml: string) =>
    xml
      .replace("dev='vda' bus='virtio'", "dev='sda' bus='scsi'")
      .replace('<devices>', `<devices>${THREADED}</controller>`);
  guest.xml = threaded(guest.xml);
  guest.definition = threaded(guest.definition);
  const target = hostOf(site.world, HostName.parse('h2'));
  target.facts = { ...target.facts, qemuVersion };
  return site;
}

describe('a disk that would be copied behind a SCSI controller with an I/O thread', () => {
  it('does not move live to a QEMU that ends there, and the way out is said', async () => {
    const { outcome } = await migrate(await withThread(7_002_022));

    expect(outcome).toMatchObject({ kind: 'unwound', failure: { code: 'TARGET_UNSUITABLE' } });
    expect(outcome.kind === 'unwound' && outcome.failure.message).toMatch(
      /its QEMU 7\.2\.22 ends when .*\(controller scsi 0\): move it cold/,
    );
  });

  it('moves live to a later one, and cold to any', async () => {
    const ends = [
      await migrate(await withThread(8_002_000)),
      await migrateCold(await withThread(7_002_022)),
    ];

    for (const { outcome } of ends)
      expect(outcome).toMatchObject({ kind: 'done', value: { outcome: 'moved' } });
  });
});
