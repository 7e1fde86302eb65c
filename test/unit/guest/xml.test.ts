/** XML from hosts: what is read, and what is refused. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guestXml } from '../../../drivers/fake/build.js';
import { parseCapabilities } from '../../../drivers/libvirt/capabilities.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { parseXml } from '../../../guest/xml/document.js';
import { codeThrownBy } from '../../helpers/thrown.js';

const fixture = (name: string) => readFileSync(join(__dirname, '../../fixtures', name), 'utf8');
const XML = guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'volume'] });

describe('a real domain of libvirt 9.0', () => {
  const vm = parseDomain(fixture('domain-libvirt-9.0.xml'));

  it('is read with its memory in bytes, its disks and its ports', () => {
    expect(vm).toMatchObject({
      name: 'mix1',
      memoryBytes: 256 * 1024 ** 2,
      vcpus: 1,
      project: 'lab',
      machine: 'pc-q35-7.2',
      objections: [],
    });
    expect(
      vm.disks.map(({ device, format, source }) => `${device} ${format} ${source.kind}`),
    ).toEqual(['vda qcow2 file', 'vdb raw network', 'vdc qcow2 file']);
    expect(vm.ports).toEqual([
      expect.objectContaining({
        mac: '52:54:00:77:00:04',
        bridge: 'br0',
        ip: '10.77.0.104',
        groups: ['web'],
      }),
    ]);
  });
});

it('a real host’s capabilities give its machines and domain types', () => {
  const found = parseCapabilities(fixture('capabilities-libvirt-9.0.xml'));
  expect(found.arch).toBe('x86_64');
  expect(found.machines).toEqual(expect.arrayContaining(['pc-q35-7.2', 'pc-i440fx-7.2']));
  expect(found.virtTypes).toContain('qemu');
});

describe('XML that is made to hold a worker up', () => {
  const nested = (open: string, close: string, times: number) =>
    `<domain>${open.repeat(times)}${close.repeat(times)}</domain>`;

  it.each([
    {
      name: 'elements that look closed to a quick look',
      text: nested('<a x="/>">', '</a>', 40_000),
    },
    { name: 'elements with a name that is not ASCII', text: nested('<é>', '</é>', 60_000) },
    {
      name: 'a namespace for every level',
      text: nested('<a xmlns:n="u" y="/>">', '</a>', 25_000),
    },
    {
      name: 'namespaces side by side',
      text: `<domain>${Array.from({ length: 9_000 }, (_, n) => `<a xmlns:n${n}="u:${n}"/>`).join('')}</domain>`,
    },
    {
      name: 'more elements than any guest has',
      text: `<domain>${'<a/>'.repeat(400_000)}</domain>`,
    },
    {
      name: 'more attributes than any guest has',
      text: `<domain ${Array.from({ length: 120_000 }, (_, n) => `a${n}=''`).join(' ')}/>`,
    },
  ])('$name (S11) is refused at once', ({ text }) => {
    expect(text.length).toBeLessThan(2_000_000);
    const startedAt = process.cpuUsage();

    expect(codeThrownBy(() => parseXml(text, 'domain'))).toBe('BAD_ANSWER');
    // Before there was a limit it took 18 s and more; beside two labs, what takes 150 ms alone has taken 640.
    expect(process.cpuUsage(startedAt).user / 1000).toBeLessThan(4000);
  });

  it('and a domain as large as libvirt makes them is read', () => {
    const disks = Array.from(
      { length: 500 },
      (_, n) => `<disk type='file'><alias name='d${n}'/></disk>`,
    );
    expect(
      parseXml(`<domain><devices>${disks.join('')}</devices></domain>`, 'domain'),
    ).toBeDefined();
  });
});

describe('XML that is not what it should be', () => {
  it.each([
    { name: 'no XML', text: 'hello' },
    { name: 'cut off', text: XML.slice(0, 200) },
    { name: 'another document', text: '<network/>' },
    {
      name: 'with entities that grow',
      text: `<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><domain>&b;</domain>`,
    },
    {
      name: 'with an external entity',
      text: `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><domain><name>&x;</name></domain>`,
    },
    {
      name: 'a thousand elements deep',
      text: `<domain>${'<a>'.repeat(1000)}${'</a>'.repeat(1000)}</domain>`,
    },
    { name: 'huge', text: `<domain><name>${'x'.repeat(2_000_001)}</name></domain>` },
  ])('$name is refused', ({ text }) => {
    expect(codeThrownBy(() => parseXml(text, 'domain'))).toBe('BAD_ANSWER');
  });

  it.each([
    { name: 'no memory', from: `<memory unit='GiB'>1</memory>`, to: '' },
    { name: 'a broken UUID', from: '77000000-0000', to: 'x7000000-0000' },
    { name: 'no name', from: '<name>vm1</name>', to: '<name></name>' },
  ])('$name is no domain of libvirt’s', ({ from, to }) => {
    expect(XML).toContain(from);
    expect(codeThrownBy(() => parseDomain(XML.replace(from, to)))).toBe('BAD_ANSWER');
  });
});
