/** Which files of a VM are set aside and removed: what is wrong here removes what it must not. */
import { HostPath } from '../../../model/ids.js';
import { asideOf, isNamedAfter, setAsidesOf, surplusFiles } from '../../../model/storage.js';
import { disk } from '../../helpers/disk-plan.js';

const VM = { name: 'web1', uuid: '77000000-0000-4000-8000-000000000001' };
const path = (text: string) => HostPath.parse(text);

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
