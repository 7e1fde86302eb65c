/** The account of a guest is complete: what libvirt knows has a row, and what has none keeps its guest where it is. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guestXml } from '../../../drivers/fake/build.js';
import { isAccounted } from '../../../guest/account/account.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { objectionText } from '../../../model/objection.js';
import { elementsOfDomain, LIBVIRT_SCHEMAS, plainAlong } from '../../helpers/relax-ng.js';

const XML = guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'volume'] });

const unaccounted = (paths: readonly string[]): string[] =>
  [...new Set(paths.map(plainAlong))].filter(
    (path) => !isAccounted(path) && !path.startsWith('metadata/'),
  );

it('has a row for every element of the schema of the libvirt that is installed', () => {
  const elements = elementsOfDomain(LIBVIRT_SCHEMAS);

  expect(elements.length).toBeGreaterThan(700);
  expect(unaccounted(elements)).toEqual([]);
});

it('has a row for every element of the schema of libvirt 11.3', () => {
  const listed = join(__dirname, '../../fixtures/domain-elements-libvirt-11.3.txt');
  const elements = readFileSync(listed, 'utf8').trim().split('\n');

  expect(elements.length).toBeGreaterThan(900);
  expect(unaccounted(elements)).toEqual([]);
});

describe('what it does not know', () => {
  const saidOf = (extra: string) =>
    parseDomain(XML.replace('<devices>', `<devices>${extra}`)).objections.map(objectionText);

  it.each([
    {
      name: 'an element',
      extra: `<hologram><source file='/a'/></hologram>`,
      says: /^devices\/hologram is an element of the definition that drover does not know: .*--accept devices\/hologram$/,
    },
    {
      name: 'an element in a disk',
      extra: `<disk type='file'><source file='/a'/><target dev='vdx'/><mist/></disk>`,
      says: /^devices\/disk\/mist is an element .* --accept devices\/disk\/mist$/,
    },
    {
      name: 'a type of interface',
      extra: `<interface type='quantum'><mac address='52:54:00:77:00:0f'/></interface>`,
      says: /^interface 52:54:00:77:00:0f is of a kind that drover does not know: quantum/,
    },
    {
      name: 'a path where none is known to be',
      extra: `<watchdog model='i6300esb' action='/usr/bin/reset'/>`,
      says: /^watchdog names \/usr\/bin\/reset, and drover does not know what that is/,
    },
  ])('keeps its guest where it is, by its name: $name', ({ extra, says }) => {
    expect(saidOf(extra)).toEqual([expect.stringMatching(says) as string]);
  });
});
