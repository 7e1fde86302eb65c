/** Ways out that work when they are copied into a shell. */
import { objectionsToKept } from '../../../../activities/vm/objections.js';
import { differencesOf } from '../../../../activities/vm/differences.js';
import { parseDomain } from '../../../../guest/xml/domain.js';

const NOTHING = { hasManagedSave: false, snapshots: [], checkpoints: [] };

const domain = (disks: string) =>
  parseDomain(
    `<domain type='kvm'><name>Büro 1</name><uuid>77000000-0000-4000-8000-000000000001</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><devices>${disks}</devices></domain>`,
  );
const cd = (file: string) =>
  `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='sda' bus='sata'/><readonly/></disk>`;

it('a checkpoint of a guest that is off is deleted by its metadata: libvirt refuses the rest', () => {
  const kept = { ...NOTHING, checkpoints: ['first & last'] };

  const [off] = objectionsToKept('Büro 1', kept, false);
  const [on] = objectionsToKept('Büro 1', kept, true);

  expect(off?.wayOut).toContain(
    `virsh checkpoint-delete 'Büro 1' --checkpointname 'first & last' --metadata`,
  );
  expect(on?.wayOut).toContain(`virsh checkpoint-delete 'Büro 1' --checkpointname 'first & last')`);
});

it('a CD that was ejected from the running guest only is ejected from its definition', () => {
  const { objections } = differencesOf(domain(''), domain(cd('/srv/one.iso')));

  expect(objections).toMatchObject([
    {
      about: 'disk sda (/srv/one.iso)',
      moves: ['live'],
      wayOut: expect.stringContaining(`virsh change-media 'Büro 1' sda --eject --config`) as string,
    },
  ]);
});

it('a volume that drover cannot move ties its guest', () => {
  const { objections } = domain(
    `<disk type='network' device='cdrom'><driver name='qemu' type='raw'/><source protocol='http' name='/x.iso'><host name='h' port='80'/></source><target dev='sda' bus='sata'/></disk>`,
  );

  expect(objections).toMatchObject([
    { about: 'disk sda', why: expect.stringContaining('a volume of http') as string },
  ]);
});
