/** A copy that is to be of another format: when there is one, and what it would not have. */
import { formatObjections, inFormat } from '../../../../activities/storage/formats.js';
import { HostPath } from '../../../../model/ids.js';
import type { DiskPlan } from '../../../../model/storage.js';
import { disk } from '../../../helpers/disk-plan.js';

const asRaw = { targetFormat: 'raw' } as const;
const textsOf = (...asked: Parameters<typeof formatObjections>) =>
  formatObjections(...asked).map(({ about, why, wayOut }) => `${about} ${why}: ${wayOut}`);

it('keeps the room that was reserved, and nothing else that only a qcow2 image has', () => {
  const plain = disk('vda', '/images/web1/a', asRaw);
  const made = 'preallocation=falloc,cluster_size=2097152,lazy_refcounts=on';
  const plan = inFormat({ ...plain, inspection: { ...plain.inspection, made } });

  expect(plan).toMatchObject({ targetFormat: 'raw', inspection: { made: 'preallocation=falloc' } });
  expect(
    inFormat({ ...plain, inspection: { ...plain.inspection, made: 'compat=0.10' } }),
  ).not.toHaveProperty('inspection.made');
});

const DEVICE = { kind: 'block', path: HostPath.parse('/dev/vg0/a') } as const;

it.each<[string, Partial<DiskPlan>]>([
  ['stays where it is', { handling: 'shared' }],
  ['goes into a block device', { target: DEVICE }],
  ['has that format already', { format: 'raw' }],
])('is none of a disk that %s', (_what, more) => {
  const plan = inFormat(disk('vda', '/images/web1/a', { ...asRaw, ...more }));

  expect(plan).not.toHaveProperty('targetFormat');
  expect(formatObjections(plan, [{ name: 'before' }])).toEqual([]);
});

it('is refused where something would be lost, each thing by its name', () => {
  const plain = disk('vda', '/images/web1/a', asRaw, ['/images/_base/base']);
  const full = { ...plain, inspection: { ...plain.inspection, holds: ['bitmap b1'] } };

  expect(textsOf({ ...full, isEncrypted: true }, [{ name: 'before' }])).toEqual([
    expect.stringMatching(/is encrypted, and would be raw without that: leave it its format/),
    expect.stringMatching(/has bitmap b1, snapshot before, which a copy as raw would not have/),
    expect.stringMatching(/lies over \/images\/_base\/base, .* its own layer alone: move it cold/),
  ]);
});
