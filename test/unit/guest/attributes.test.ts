/** Attributes that nobody has thought of keep a guest where it is, whatever becomes of the element that they stand at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guestXml } from '../../../drivers/fake/build.js';
import { isKnownAttribute } from '../../../guest/account/attributes.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { objectionText } from '../../../model/objection.js';
import { attributesOfDomain, LIBVIRT_SCHEMAS, plainAlong } from '../../helpers/relax-ng.js';

const XML = guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['shared', 'volume'] });
const unknownAmong = (pairs: readonly (readonly [string, string])[]): string[] =>
  pairs
    .filter(
      ([path, name]) => !path.startsWith('metadata/') && !isKnownAttribute(plainAlong(path), name),
    )
    .map(([path, name]) => `${path} ${name}`);

it('knows every attribute of the schema of the libvirt that is installed', () => {
  const pairs = attributesOfDomain(LIBVIRT_SCHEMAS);

  expect(pairs.length).toBeGreaterThan(1_500);
  expect(unknownAmong(pairs)).toEqual([]);
});

it('knows every attribute of the schema of libvirt 11.3', () => {
  const listed = join(__dirname, '../../fixtures/domain-attributes-libvirt-11.3.txt');
  const pairs = readFileSync(listed, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [path = '', names = ''] = line.split(': ');
      return names.split(' ').map((name) => [path, name] as const);
    });

  expect(pairs.length).toBeGreaterThan(1_900);
  expect(unknownAmong(pairs)).toEqual([]);
});

const saidOf = (extra: string) =>
  parseDomain(XML.replace('</devices>', `${extra}</devices>`)).objections.map(objectionText);
const disk = (source: string, more = '') =>
  `<disk type='file' device='disk'><source file='/srv/shared/x.raw' ${source}/><target dev='vdx' bus='virtio'/>${more}</disk>`;

it.each([
  [
    'at an element that travels',
    `<watchdog model='i6300esb' action='reset' leash='long'/>`,
    /^watchdog has an attribute that drover does not know: leash of devices\/watchdog: .*--accept devices\/watchdog\/leash$/,
  ],
  [
    'at one that is carried',
    disk(`lent='by-somebody'`),
    /^disk vdx has .*: lent of devices\/disk\/source: .*--accept devices\/disk\/source\/lent$/,
  ],
  [
    'at one that is rewritten',
    disk('').replace("device='disk'", "device='disk' mist='yes'"),
    /^disk vdx has .*: mist of devices\/disk: .*--accept devices\/disk\/mist$/,
  ],
  [
    'at one that is needed',
    `<vsock model='virtio'><cid auto='yes'/></vsock>`.replace('model', "tunnel='x' model"),
    /^vsock has .*: tunnel of devices\/vsock: .*--accept devices\/vsock\/tunnel$/,
  ],
  [
    'with a path at one that is rewritten',
    disk('').replace("device='disk'", "device='disk' model='/srv/model'"),
    /^disk vdx names \/srv\/model, and drover does not know what that is: .*--accept devices\/disk$/,
  ],
])('an attribute that nobody knows refuses by its path: %s', (_where, extra, says) => {
  expect(saidOf(extra)).toEqual([expect.stringMatching(says) as string]);
});

it('so does one of the domain itself', () => {
  const said = parseDomain(XML.replace('<domain ', "<domain orbit='low' ")).objections;

  expect(said.map(objectionText)).toEqual([
    expect.stringMatching(/^domain has .*: orbit of domain: .*--accept domain\/orbit$/),
  ]);
});

it('a secret may be called as its disk is, by a path', () => {
  const key = `<encryption format='luks'><secret type='passphrase' usage='/srv/shared/x.raw'/></encryption>`;

  expect(saidOf(disk('').replace("x.raw' />", `x.raw'>${key}</source>`))).toEqual([]);
});
