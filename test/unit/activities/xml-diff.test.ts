/** The difference of the XML that a dry run shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTarget } from '../../../activities/network/bind-target.js';
import { xmlDiff } from '../../../activities/request/xml-diff.js';
import { parseDomain } from '../../../drivers/libvirt/xml/domain.js';
import { rewriteForTarget } from '../../../drivers/libvirt/xml/rewrite.js';
import { HostName, MigrationId } from '../../../model/ids.js';

const XML = readFileSync(join(__dirname, '../../fixtures/domain-libvirt-9.0.xml'), 'utf8');
const { uuid, name, ports } = parseDomain(XML);
const route = {
  ...{ uuid, name, migrationId: MigrationId.parse('m1'), epoch: 1 },
  ...{ source: HostName.parse('h1'), target: HostName.parse('h2') },
};
const changedLines = (diff: string) =>
  diff.split('\n').filter((line) => /^[-+](?![-+]{2} )/.test(line));

it('is nothing where nothing is rewritten, however the host quotes', () => {
  const after = XML.replaceAll("'", '"');

  expect(changedLines(xmlDiff(route, XML, after))).toEqual([]);
});

it('is only what is rewritten for the target', () => {
  const { xml } = rewriteForTarget(XML, {
    ...{ ports: onTarget(ports), targetCpus: 4, listenAddress: '10.77.0.12' },
  });

  expect(changedLines(xmlDiff(route, XML, xml))).toEqual([
    '-  <resource>',
    '-    <partition>/machine</partition>',
    '-  </resource>',
    '-      <target dev="vnet3"/>',
    '+      <target dev="dr525400770004"/>',
  ]);
});
