/** A target whose CPU is too old, made by editing what its libvirt remembers of QEMU. */
import { restartLibvirt, runInLab } from '../../lab/observer.js';
import { LAB_HOSTS } from '../../lab/site.js';
import { closeLab, connectLab, expectRefusal, moveTo, type Lab } from '../helpers/lab.js';

jest.setTimeout(60_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
const onH3 = (...argv: string[]) => runInLab('h3', argv);

describe('a guest whose CPU the target lacks', () => {
  const xmlWith = (
    cpu: string,
  ) => `<domain type='qemu'><name>cpu1</name><uuid>77000000-0000-4000-8000-000000000009</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>
    ${cpu}
    <devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>`;
  // h3's libvirt is told that its emulator has no erms: in its cache of what QEMU said, read at its start.
  const CACHE = '/var/cache/libvirt/qemu/capabilities';
  beforeEach(async () => {
    await onH3(
      'sh',
      '-c',
      `virsh domcapabilities >/dev/null; sed -i "s/name='erms' type='boolean' value='true'/name='erms' type='boolean' value='false'/" ${CACHE}/*.xml`,
    );
    await restartLibvirt('h3');
  });
  const create = async (cpu: string) => {
    const script = 'printf %s "$1" >/run/cpu1.xml && virsh -q create /run/cpu1.xml';
    await runInLab('h1', ['sh', '-c', script, 'sh', xmlWith(cpu)]);
    await lab.drover.discover('h1');
  };
  afterEach(async () => {
    for (const host of LAB_HOSTS)
      await runInLab(host, ['sh', '-c', 'virsh -q destroy cpu1 2>/dev/null || :']);
    await lab.drover.discover('h1');
    await onH3('sh', '-c', `rm -f ${CACHE}/*.xml`);
    await restartLibvirt('h3');
  });

  it.each([
    [
      'by name',
      `<cpu mode='custom' match='exact'><model fallback='forbid'>qemu64</model><feature policy='require' name='erms'/></cpu>`,
    ],
    ['as all that its host has', `<cpu mode='maximum'/>`],
  ])('%s is refused with what is missing, and nothing is touched', async (_case, cpu) => {
    await create(cpu);
    await expectRefusal(lab, 'cpu1', 'h3', /lacks what the guest's CPU has: .*erms/);
  });

  it('moves to a host that has it', async () => {
    await create(`<cpu mode='maximum'/>`);
    await moveTo(lab, 'cpu1', 'h2');
  });
});
