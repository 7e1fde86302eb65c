/** What nobody can see, and what somebody else manages: told and refused, and nothing is lost. */
import { codecFrom } from '../../../client/access.js';
import { onHost, type EverydayGuest, type Recipe } from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused } from '../../helpers/everyday.js';

const { lab, make: makeOff } = everydayLab();

let guest: EverydayGuest;
const make = async (recipe: Recipe, isRunning = true) => {
  guest = await makeOff(recipe);
  if (isRunning) await guest.start('h1');
};

describe('a guest whose QEMU is handed a file past libvirt (G13)', () => {
  const file = '/srv/beside.img';
  beforeEach(async () => {
    await onHost('h1', 'truncate -s 1M "$1"', file);
    await make({ name: 'args1', number: 85 }, false);
    const xml = (await guest.xml('h1', '--inactive'))
      .replace('<domain ', `<domain xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0' `)
      .replace(
        '</domain>',
        `<qemu:commandline><qemu:arg value='-drive'/><qemu:arg value='file=${file},format=raw,if=none,id=x'/></qemu:commandline></domain>`,
      );
    await onHost('h1', `printf '%s' "$1" >/run/a.xml && virsh -q define /run/a.xml`, xml);
    await adopt(lab);
  });
  afterEach(() => onHost('h1', 'rm -f "$1"', file));

  it('is not moved, and the file is named', async () => {
    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /qemu:commandline -drive \/srv\/beside\.img cannot be checked: .* --accept qemu:commandline/,
    });
    await guest.start('h1');
    await expectRefused(lab, guest, {
      move: 'live',
      to: 'h2',
      says: /qemu:commandline -drive \/srv\/beside\.img cannot be checked/,
    });
  });

  it('is moved if somebody takes the responsibility, and it is kept who did', async () => {
    const migration = await lab.drover.startColdMigration({
      vm: guest.name,
      target: 'h2',
      requestedBy: 'ada',
      reason: 'the file is on both',
      accept: ['qemu:commandline'],
      options: { window: { seconds: 0, then: 'confirm' } },
    });

    expect(await migration.result()).toMatchObject({ outcome: 'moved' });
    const history = await lab.drover.temporal.workflow
      .getHandle(migration.workflowId, migration.runId)
      .fetchHistory();
    const [input] =
      history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const { codec } = await codecFrom(`${process.env['DROVER_TEST_LAB_HOME'] ?? ''}/codec-keys`);
    const [request] = (input && (await codec?.decode([input]))) ?? [];
    expect(JSON.parse(Buffer.from(request?.data ?? []).toString())).toMatchObject({
      accept: ['qemu:commandline'],
      requestedBy: 'ada',
    });
  });
});

describe('a guest that another manager owns (G16)', () => {
  it.each(['live', 'cold'] as const)('is not moved %s behind its back', async (move) => {
    const nova = `<metadata><nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'><nova:name>web</nova:name></nova:instance></metadata>`;
    await make({ name: 'instance-00000001', number: 87, beside: nova }, move === 'live');
    await adopt(lab);

    await expectRefused(lab, guest, {
      move,
      to: 'h2',
      says: /is managed by OpenStack Nova, which would not know where it is afterwards.*--accept managed-by:nova/,
    });
  });
});
