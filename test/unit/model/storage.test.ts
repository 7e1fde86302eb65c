/** Which files of a VM are set aside, copied and removed: what is wrong here removes what it must not. */
import { needsBacking, planCopies } from '../../../model/copy.js';
import { HostPath } from '../../../model/ids.js';
import {
  asideOf,
  DiskPlan,
  isNamedAfter,
  setAsidesOf,
  surplusFiles,
} from '../../../model/storage.js';
import { codeThrownBy } from '../../helpers/thrown.js';

const VM = { name: 'web1', uuid: '77000000-0000-4000-8000-000000000001' };
const path = (text: string) => HostPath.parse(text);

function disk(
  device: string,
  file: string,
  more: Partial<DiskPlan> = {},
  below: string[] = [],
): DiskPlan {
  return DiskPlan.parse({
    device,
    source: { kind: 'file', path: file },
    format: 'qcow2',
    isReadOnly: false,
    handling: 'copy',
    reason: 'test',
    isInOwnFolder: true,
    inspection: {
      capacityBytes: 1000,
      allocatedBytes: 100,
      backing: below.map((name) => ({ path: name, format: 'qcow2', sizeBytes: 10 })),
    },
    ...more,
  });
}

describe('what is set aside', () => {
  it('is the VM’s own folder once, and a file by itself where others have theirs', () => {
    const disks = [
      disk('vda', '/images/web1/a'),
      disk('vdb', '/images/web1/b'),
      disk('vdc', '/pool/c', { isInOwnFolder: false }),
    ];

    expect(setAsidesOf(disks, VM)).toEqual([
      { from: '/images/web1', to: '/images/web1_resize' },
      { from: '/pool/c', to: '/pool/c_resize' },
    ]);
  });

  it('is a file by itself in a folder that only has the VM’s name', () => {
    expect(setAsidesOf([disk('vda', '/images/web1/a', { isInOwnFolder: false })], VM)).toEqual([
      { from: '/images/web1/a', to: '/images/web1/a_resize' },
    ]);
  });

  it('is what the name says, in a run of a release that did not look', () => {
    const { isInOwnFolder: _looked, ...old } = disk('vda', '/images/web1/a');

    expect(setAsidesOf([old], VM)).toEqual([{ from: '/images/web1', to: '/images/web1_resize' }]);
  });

  it('is never a read-only file', () => {
    expect(setAsidesOf([disk('vda', '/isos/debian.iso', { isReadOnly: true })], VM)).toEqual([]);
  });

  it('moves everything below it, and nothing whose name only begins alike', () => {
    const asides = setAsidesOf([disk('vda', '/images/web1/a')], VM);

    expect(asideOf(path('/images/web1/a'), asides)).toBe('/images/web1_resize/a');
    expect(asideOf(path('/images/web10/a'), asides)).toBe('/images/web10/a');
  });
});

it.each([
  ['/images/web1', true],
  ['/images/77000000-0000-4000-8000-000000000001', true],
  ['/images/myweb1', false],
  ['/images', false],
])('%s is named after the VM: %s', (folder, isNamed) => {
  expect(isNamedAfter(folder, VM)).toBe(isNamed);
});

describe('what is removed from the source', () => {
  it('is what travelled, with what lay below it in the VM’s own folder', () => {
    const disks = [
      disk('vda', '/images/web1/top', {}, ['/images/web1/snapshot', '/images/_base/base']),
    ];

    expect(surplusFiles(disks, VM)).toEqual(['/images/web1/top', '/images/web1/snapshot']);
  });

  it('is never shared, never a volume, and no image of a common library', () => {
    const disks = [
      disk('vda', '/srv/shared/web1/a', { handling: 'shared' }),
      disk('vdb', '/isos/debian.iso', {
        handling: 'static',
        isReadOnly: true,
        isInOwnFolder: false,
      }),
      disk('vdc', '/x', { handling: 'volume' }),
    ];

    expect(surplusFiles(disks, VM)).toEqual([]);
  });

  it('is nothing below a disk whose folder others use as well', () => {
    const disks = [
      disk('vda', '/images/web1/top', { isInOwnFolder: false }, ['/images/web1/base']),
    ];

    expect(surplusFiles(disks, VM)).toEqual(['/images/web1/top']);
  });

  it('is a config drive in the VM’s own folder', () => {
    const drive = disk('vdb', '/images/web1/config', { handling: 'static', isReadOnly: true });

    expect(surplusFiles([drive], VM)).toEqual(['/images/web1/config']);
  });
});

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

  it('by nbd needs no backing file on the target', () => {
    expect([
      needsBacking(thin, 'auto'),
      needsBacking(thin, 'nbd'),
      needsBacking(thick, 'auto'),
    ]).toEqual([true, false, false]);
  });
});
