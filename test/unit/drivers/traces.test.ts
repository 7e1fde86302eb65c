/** What of a host's files and keys is a trace of a migration, and what only looks like one. */
import { hostTraces, readTrace } from '../../../drivers/storage/traces.js';
import { shellSaying } from '../../helpers/shell-saying.js';

describe('traces of migrations', () => {
  const id = '01a20e57-4ed6-729e-bd5a-115920875213';
  it.each([
    [`/images/vm1/disk.qcow2.drover-${id}`, { kind: 'mark', subject: '/images/vm1/disk.qcow2' }],
    [`/images/vm1/disk.part-${id}`, { kind: 'part', subject: `/images/vm1/disk.part-${id}` }],
    [
      `/images/vm1/disk.part-${id}.0af3b9`,
      { kind: 'part', subject: `/images/vm1/disk.part-${id}.0af3b9` },
    ],
    [`/images/.drover-probe-${id}`, { kind: 'probe', subject: `/images/.drover-probe-${id}` }],
    [`device /dev/vg0/a b ${id}`, { kind: 'device', subject: '/dev/vg0/a b' }],
    [`/run/drover-copy-${id}-vda`, { kind: 'copy', subject: `/run/drover-copy-${id}-vda` }],
  ])('%s', (line, expected) => expect(readTrace(line)).toEqual({ ...expected, owner: id }));

  it.each([
    '/images/vm1.drover-x',
    '/images/my.drover-notes',
    'key alice@example',
    '',
    // Not a copy's folder, whatever it is called (S20).
    `/images/x.drover-${id}-vda`,
  ])('what only looks like one is none: %s', (line) => expect(readTrace(line)).toBeUndefined());

  it('name files before the folder that they lie in, in whatever order the host lists them', async () => {
    const listed = ['/images/vm', '/images/vm/disk.qcow2', '/images/vm/disk.info'];
    const shell = shellSaying(listed.map((path) => `${path}.drover-${id}\0`).join(''));
    const found = await hostTraces(shell).find([]);
    expect(found.map(({ subject }) => subject).at(-1)).toBe('/images/vm');
  });
});
