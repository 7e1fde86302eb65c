/** XML from hosts: what is rewritten for a target, what is dropped, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guestXml } from '../../../drivers/fake/build.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { renderedFor } from '../../../guest/render.js';
import { codeThrownBy } from '../../helpers/thrown.js';

const fixture = (name: string) => readFileSync(join(__dirname, '../../fixtures', name), 'utf8');
const XML = guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'volume'] });
const { ports } = parseDomain(XML);
const context = {
  ports,
  targetCpus: 4,
  listenAddress: (on: string) => on.replace('10.77.0.11', '10.77.0.12'),
};
const within = (text: string, extra: string, tag = '<devices>') =>
  text.replace(tag, `${tag}${extra}`);

describe('a real domain of libvirt 9.0', () => {
  it('keeps every guest address when it is rewritten', () => {
    const addresses = (text: string) => text.match(/<address [^>]*>/g);
    const text = fixture('domain-libvirt-9.0.xml');

    expect(addresses(renderedFor(text, context).xml)?.length).toBe(addresses(text)?.length);
  });
});

describe('the rewrite of', () => {
  it('an interface names the tap that the rules already know', () => {
    expect(renderedFor(XML, context).xml).toContain('<target dev="dr525400770001"/>');
  });

  it.each([
    {
      name: 'graphics',
      extra: `<graphics type='vnc' port='5900' autoport='yes' listen='10.77.0.11'><listen type='address' address='10.77.0.11'/></graphics>`,
      has: 'listen="10.77.0.12"',
      lacks: '5900',
    },
    {
      name: 'graphics that listen everywhere',
      extra: `<graphics type='vnc' port='-1' autoport='yes' listen='0.0.0.0'/>`,
      has: 'listen="0.0.0.0"',
      lacks: '10.77.0.12"/><g',
    },
    {
      name: 'a console over TCP',
      extra: `<serial type='tcp'><source mode='bind' host='10.77.0.11' service='4555'/></serial>`,
      has: 'host="10.77.0.12"',
      lacks: 'host="10.77.0.11"',
    },
    {
      name: 'a console that connects elsewhere',
      extra: `<serial type='tcp'><source mode='connect' host='10.77.0.50' service='4555'/></serial>`,
      has: '10.77.0.50',
      lacks: '10.77.0.12',
    },
  ])('$name', ({ extra, has, lacks }) => {
    const { xml } = renderedFor(within(XML, extra), context);
    expect(xml).toContain(has);
    expect(xml).not.toContain(lacks);
  });

  it.each([
    {
      name: 'pinning to a CPU that the target lacks drops it',
      extra: `<cputune><vcpupin vcpu='0' cpuset='6-7'/><shares>512</shares></cputune>`,
      lacks: 'vcpupin',
      has: '<shares>512</shares>',
    },
    {
      name: 'pinning to a CPU that the target has keeps it',
      extra: `<cputune><vcpupin vcpu='0' cpuset='1-3'/></cputune>`,
      has: 'cpuset="1-3"',
      lacks: 'dropped',
    },
    {
      name: 'a partition drops it',
      extra: `<resource><partition>/prod</partition></resource>`,
      lacks: '/prod',
      has: '<name>vm1',
    },
    {
      name: 'numatune drops it',
      extra: `<numatune><memory mode='strict' nodeset='1'/></numatune>`,
      lacks: 'numatune',
      has: '<name>vm1',
    },
    {
      name: 'perf drops it',
      extra: `<perf><event name='cmt' enabled='yes'/></perf>`,
      lacks: '<perf',
      has: '<name>vm1',
    },
  ])('$name', ({ extra, has, lacks }) => {
    const { xml } = renderedFor(within(XML, extra, '</metadata>'), context);
    expect(xml).toContain(has);
    expect(xml).not.toContain(lacks);
  });

  it('says in words what it dropped', () => {
    const beside = `<numatune><memory mode='strict' nodeset='3'/></numatune><resource><partition>/prod</partition></resource>`;
    const { dropped } = renderedFor(within(XML, beside, '</metadata>'), context);
    expect(dropped).toEqual([
      'numatune dropped: the source’s NUMA nodes mean nothing on the target',
      'resource partition /prod dropped: the target’s default takes its place',
    ]);
  });

  it('leaves a drive whose medium is to stay behind, and nothing in it', () => {
    const drive = `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/iso/a.iso'/><target dev='sda' bus='sata'/><readonly/></disk>`;
    const { xml, changes } = renderedFor(within(XML, drive), { ...context, ejected: ['sda'] });

    expect(xml).not.toContain('/iso/a.iso');
    expect(xml).toContain('<target dev="sda" bus="sata"/><readonly/>');
    expect(changes).toContain('disk sda: empty');
  });

  it('says in words what it changed', () => {
    const { changes } = renderedFor(
      within(XML, `<graphics type='vnc' listen='10.77.0.11'/>`),
      context,
    );
    expect(changes).toEqual([
      'graphics vnc: listens on 10.77.0.12',
      'interface 52:54:00:77:00:01: tap dr525400770001',
    ]);
  });

  it.each([`<hostdev mode='subsystem' type='pci'/>`, `<memory model='nvdimm'/>`])(
    '%s is refused',
    (extra) => {
      expect(codeThrownBy(() => renderedFor(within(XML, extra), context))).toBe(
        'DEFINITION_UNSUPPORTED',
      );
      expect(parseDomain(within(XML, extra)).objections).toHaveLength(1);
    },
  );
});
