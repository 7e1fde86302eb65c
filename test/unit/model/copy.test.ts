/** Which files of a VM are copied, by which way, and what of their backing files. */
import { needsBacking, planCopies } from '../../../model/copy.js';
import { HostPath } from '../../../model/ids.js';
import { codeThrownBy } from '../../helpers/thrown.js';
import { disk } from '../../helpers/disk-plan.js';

describe('a copy', () => {
  const thin = disk('vda', '/images/web1/a', {}, ['/images/_base/base']);
  const thick = disk('vda', '/images/web1/a');
  const shared = disk('vda', '/srv/a', { handling: 'shared' });
  const volume = disk('vda', '/x', { handling: 'volume' });

  it.each([
    {
      name: 'of a thin disk keeps its backing file',
      of: thin,
      choice: 'auto',
      lacking: [],
      is: ['scp'],
    },
    {
      name: 'of a thin disk is flat if the target cannot have it',
      of: thin,
      choice: 'auto',
      lacking: ['vda'],
      is: ['nbd'],
    },
    { name: 'of a thick disk goes by nbd', of: thick, choice: 'auto', lacking: [], is: ['nbd'] },
    { name: 'goes as it was asked for', of: thick, choice: 'scp', lacking: [], is: ['scp'] },
    { name: 'on shared storage is a move', of: shared, choice: 'nbd', lacking: [], is: ['move'] },
    { name: 'of a volume is none', of: volume, choice: 'nbd', lacking: [], is: [] },
  ] as const)('$name', ({ of, choice, lacking, is }) => {
    expect(planCopies([of], choice, lacking).map(({ way }) => way)).toEqual(is);
  });

  it('by scp of a disk whose backing file the target cannot have is flattened first, unless it is in use', () => {
    expect(planCopies([thin], 'scp', ['vda'])).toMatchObject([{ way: 'scp', isFlattened: true }]);
    expect(planCopies([thin], 'scp', ['vda'], true)).toMatchObject([
      { way: 'nbd', isFlattened: false },
    ]);
  });

  it('in another format is of what the guest sees, flat, and neither warm nor of the file as it is', () => {
    const turned = disk('vda', '/images/web1/a', { targetFormat: 'raw' }, ['/images/_base/base']);

    expect(needsBacking(turned, 'auto')).toBe(false);
    expect(planCopies([turned], 'auto', [])).toEqual([
      { device: 'vda', way: 'nbd', isFlattened: false, reason: 'as raw, flat' },
    ]);
    expect(codeThrownBy(() => planCopies([turned], 'scp', []))).toBe('STORAGE_UNSUITABLE');
    expect(codeThrownBy(() => planCopies([turned], 'auto', [], true))).toBe('STORAGE_UNSUITABLE');
  });

  describe('of a disk that holds a snapshot', () => {
    const holding = (below: string[] = []) => {
      const plain = disk('vda', '/images/web1/a', {}, below);
      return { ...plain, inspection: { ...plain.inspection, holds: ['snapshot before'] } };
    };

    it('is of the file as it is', () => {
      expect(planCopies([holding()], 'auto', [])).toMatchObject([
        { way: 'scp', isFlattened: false },
      ]);
    });

    it('is refused where only what the guest sees could be copied', () => {
      const flat = () => planCopies([holding(['/images/_base/base'])], 'auto', ['vda']);

      expect(codeThrownBy(() => planCopies([holding()], 'nbd', []))).toBe('STORAGE_UNSUITABLE');
      expect(codeThrownBy(flat)).toBe('STORAGE_UNSUITABLE');
    });
  });

  describe('into a block device', () => {
    const into = (below: string[] = []) =>
      disk(
        'vda',
        '/images/web1/a',
        { target: { kind: 'block', path: HostPath.parse('/dev/vg0/a') } },
        below,
      );

    it('is of what the guest sees, whatever lies below and whatever was asked for', () => {
      for (const choice of ['auto', 'nbd', 'scp'] as const)
        expect(planCopies([into(['/images/_base/base'])], choice, ['vda'])).toMatchObject([
          { way: 'nbd', isFlattened: false },
        ]);
      expect(needsBacking(into(['/images/_base/base']), 'auto')).toBe(false);
    });

    it('is none while the guest runs, and none of an image that holds more', () => {
      const holding = { ...into(), inspection: { ...into().inspection, holds: ['bitmap b'] } };

      expect(codeThrownBy(() => planCopies([into()], 'auto', [], true))).toBe('STORAGE_UNSUITABLE');
      expect(codeThrownBy(() => planCopies([holding], 'auto', []))).toBe('STORAGE_UNSUITABLE');
    });
  });

  it('by nbd needs no backing file on the target', () => {
    expect([
      needsBacking(thin, 'auto'),
      needsBacking(thin, 'nbd'),
      needsBacking(thick, 'auto'),
    ]).toEqual([true, false, false]);
  });
});
