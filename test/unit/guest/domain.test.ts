/** What is read of a domain: everything that libvirt accepts is read, and what drover cannot move says so by its name. */
import { guestXml } from '../../../drivers/fake/build.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { objectionText } from '../../../model/objection.js';

const XML = guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'volume'] });
const within = (text: string, extra: string, tag = '<devices>') =>
  text.replace(tag, `${tag}${extra}`);

describe('a domain that drover cannot move', () => {
  /** What is said of a domain with this in it. */
  const saidOf = (extra: string, tag = '<devices>') =>
    parseDomain(within(XML, extra, tag)).objections.map(objectionText);

  it.each([
    {
      name: 'a disk path that climbs',
      extra: `<disk type='file'><source file='/srv/../etc/shadow'/><target dev='vdx'/></disk>`,
      says: /^disk vdx has a source path that drover does not know: "\/srv\/\.\.\/etc\/shadow"/,
    },
    {
      name: 'a bridge with a quote',
      extra: `<interface type='bridge'><mac address='52:54:00:77:00:0f'/><source bridge='b"; drop'/></interface>`,
      says: /^interface 52:54:00:77:00:0f has a bridge that drover does not know/,
    },
    {
      name: 'a NIC of its own kind',
      extra: `<interface type='vhostuser'><mac address='52:54:00:77:00:0f'/></interface>`,
      says: /^interface 52:54:00:77:00:0f is of type vhostuser/,
    },
    {
      name: 'a volume of a pool',
      extra: `<disk type='volume'><source pool='ssd' volume='a'/><target dev='vdx'/></disk>`,
      says: /^disk vdx is a of the pool ssd, which is not there/,
    },
    {
      name: 'another image format',
      extra: `<disk type='file'><driver type='vmdk'/><source file='/a'/><target dev='vdx'/></disk>`,
      says: /^disk vdx has a format that drover does not know: "vmdk"/,
    },
    {
      name: 'a disk encrypted in the old way',
      extra: `<disk type='file'><source file='/a'><encryption format='qcow'/></source><target dev='vdx'/></disk>`,
      says: /^disk vdx is encrypted as qcow/,
    },
    {
      name: 'a PCI device',
      extra: `<hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source></hostdev>`,
      says: /^hostdev pci 0000:01:00.0 is a device of this host: detach it first/,
    },
    {
      name: 'a TPM of the host’s (G05)',
      extra: `<tpm model='tpm-crb'><backend type='passthrough'/></tpm>`,
      says: /^tpm is the host's own \(passthrough\)/,
    },
  ])('for $name says so by its name, and is read all the same', ({ extra, says }) => {
    expect(saidOf(extra)).toEqual([expect.stringMatching(says) as string]);
  });

  it.each(['project', 'antiAffinity'])('whose %s is no name (S23) says so', (what) => {
    const metadata = (name: string) =>
      `<metadata><d:vm xmlns:d='https://drover.dev/xmlns/vm/1'><d:${what}>${name}</d:${what}></d:vm></metadata>`;

    for (const name of ['x'.repeat(3000), 'a b', 'ä', '*'])
      expect(saidOf(metadata(name), '</uuid>')).toEqual([
        expect.stringMatching(new RegExp(`^drover:${what} is no name`)) as string,
      ]);
    expect(saidOf(metadata('shop.eu-1'), '</uuid>')).toEqual([]);
  });

  it.each([
    ['http://openstack.org/xmlns/libvirt/nova/1.1', 'OpenStack Nova', 'nova'],
    ['http://ovirt.org/vm/1.0', 'oVirt', 'ovirt'],
    ['http://kubevirt.io', 'KubeVirt', 'kubevirt'],
  ])('since another manager owns it (G16): %s', (uri, name, key) => {
    const [said] = saidOf(`<metadata><m:vm xmlns:m='${uri}'/></metadata>`, '</uuid>');

    expect(said).toContain(`is managed by ${name}`);
    expect(said).toContain(`--accept managed-by:${key}`);
  });

  it.each([
    {
      args: ['-drive', 'file=/data/extra.img,if=none'],
      says: /^qemu:commandline -drive \/data\/extra.img cannot be checked/,
    },
    { args: ['-hda', 'extra.img'], says: /^qemu:commandline -hda cannot be checked/ },
    {
      args: ['-object', 'rng-random,filename=/dev/hwrng,id=r'],
      says: /^qemu:commandline -object \/dev\/hwrng/,
    },
  ])('since QEMU is handed $args past libvirt (G13)', ({ args, says }) => {
    const list = args.map((value) => `<qemu:arg value='${value}'/>`).join('');
    const extra = `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>${list}</qemu:commandline>`;

    expect(saidOf(extra, '</devices>')).toEqual([expect.stringMatching(says) as string]);
  });

  it('does not tell a secret that stands in such an argument', () => {
    const extra = `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-chardev'/><qemu:arg value='socket,password=pl4nted,path=/run/x'/></qemu:commandline>`;

    expect(saidOf(extra, '</devices>').join()).not.toContain('pl4nted');
  });
});

describe('a domain that drover can move', () => {
  it.each(['Home Assistant', 'Büro-Server', '仮想マシン', '-rf', 'a;b', '$(reboot)'])(
    'may be called %s (G01)',
    (name) => {
      expect(parseDomain(XML.replace('<name>vm1<', `<name>${name}<`)).name).toBe(name);
    },
  );

  it.each([`<source startupPolicy='optional'/>`, `<source file=''/>`, ''])(
    'may have an empty drive (G17): %s',
    (source) => {
      const drive = `<disk type='file' device='cdrom'>${source}<target dev='sda'/><readonly/></disk>`;
      const { disks, objections } = parseDomain(within(XML, drive));

      expect(disks.map(({ device }) => device)).toEqual(['vda', 'vdb']);
      expect(objections).toEqual([]);
    },
  );

  it.each([
    { name: 'as it is defined', type: 'network', source: `network='lan'` },
    { name: 'as it runs', type: 'bridge', source: `network='lan' portid='1' bridge='br0'` },
  ])('may be on a libvirt network (G02), $name', ({ type, source }) => {
    const text = XML.replace(`type='bridge'`, `type='${type}'`).replace(`bridge='br0'`, source);

    expect(parseDomain(text)).toMatchObject({ ports: [{ network: 'lan' }], objections: [] });
  });

  it('has an emulated TPM, and its state is where libvirt keeps it (G05)', () => {
    const tpm = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;

    expect(parseDomain(within(XML, tpm))).toMatchObject({
      tpm: { stateFolder: '/var/lib/libvirt/swtpm/77000000-0000-4000-8000-000000000001/tpm2' },
      objections: [],
    });
  });

  it('may hand QEMU what names no file', () => {
    const extra = `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-m'/><qemu:arg value='size=262152K'/></qemu:commandline>`;

    expect(parseDomain(within(XML, extra, '</devices>')).objections).toEqual([]);
  });
});
