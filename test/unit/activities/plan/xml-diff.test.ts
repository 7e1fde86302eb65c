/** The difference of the XML that a dry run shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Confidential } from '../../../../model/confidential.js';
import { xmlDiff } from '../../../../activities/plan/xml-diff.js';
import { parseDomain } from '../../../../guest/xml/domain.js';
import { renderedFor } from '../../../../guest/render.js';
import { HostName, MigrationId } from '../../../../model/ids.js';

const XML = readFileSync(join(__dirname, '../../../fixtures/domain-libvirt-9.0.xml'), 'utf8');
const { uuid, name, ports } = parseDomain(XML);
const route = {
  uuid,
  name,
  migrationId: MigrationId.parse('m1'),
  epoch: 1,
  source: HostName.parse('h1'),
  target: HostName.parse('h2'),
};
const changedLines = (diff: string) =>
  diff.split('\n').filter((line) => /^[-+](?![-+]{2} )/.test(line));

const diffOf = (before: string, after: string) =>
  xmlDiff(route, new Confidential(before), new Confidential(after));

it('is nothing where nothing is rewritten, however the host quotes', () => {
  const after = XML.replaceAll("'", '"');

  expect(changedLines(diffOf(XML, after))).toEqual([]);
});

it('is only what is rewritten for the target', () => {
  const { xml } = renderedFor(XML, {
    ports,
    targetCpus: 4,
    listenAddress: () => '10.77.0.12',
  });

  expect(changedLines(diffOf(XML, xml))).toEqual([
    '-  <resource>',
    '-    <partition>/machine</partition>',
    '-  </resource>',
    '-      <target dev="vnet3"/>',
    '+      <target dev="dr525400770004"/>',
  ]);
});

it('shows no console password, not even beside a line that changes', () => {
  const graphics = (port: string) =>
    XML.replace('<devices>', `<devices><graphics type='vnc' port='${port}' passwd='pl4nted'/>`);

  const diff = diffOf(graphics('5900'), graphics('5901'));

  expect(diff).toContain('port="5901"');
  expect(diff).not.toContain('pl4nted');
});

it('shows nothing of what the guest is to read at its start, nor of QEMU’s environment, beside what is rewritten', () => {
  const secret = '{"passwordHash":"HUNTER2"}';
  const env = `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:env name='TOKEN' value='HUNTER2'/></qemu:commandline>`;
  const before = XML.replace(
    '</resource>',
    `</resource>\n<sysinfo type='fwcfg'>\n<entry name='opt/com.coreos/config'>${secret}</entry>\n</sysinfo>\n${env}`,
  );
  const { xml } = renderedFor(before, { ports, targetCpus: 4, listenAddress: () => '10.77.0.12' });

  const diff = diffOf(before, xml);

  expect(diff).toContain('sysinfo');
  expect(diff).not.toContain('HUNTER2');
});
