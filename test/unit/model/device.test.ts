/** Two hosts' devices are the same by what they are known by, and by nothing else (safety rule 13). */
import { compareIds } from '../../../model/device.js';

it.each([
  ['the same WWN', { wwn: '6001405aa' }, { wwn: '6001405aa', serial: 'X_12345678' }, 'same'],
  [
    'another WWN, the same serial',
    { wwn: 'aa', serial: 'S_1234567' },
    { wwn: 'bb', serial: 'S_1234567' },
    'other',
  ],
  ['one logical volume', { dm: 'LVM-vgvglvlv' }, { dm: 'LVM-vgvglvlv' }, 'same'],
  ['logical volumes of one name in two groups', { dm: 'LVM-aaaa' }, { dm: 'LVM-bbbb' }, 'other'],
  ['the same serial', { serial: 'ACME_disk_12345678' }, { serial: 'ACME_disk_12345678' }, 'same'],
  [
    'a serial that QEMU gives to every disk',
    { serial: 'QEMU_HARDDISK_QM00001' },
    { serial: 'QEMU_HARDDISK_QM00001' },
    'unknown',
  ],
  ['a serial of zeros', { serial: '0000000000' }, { serial: '0000000000' }, 'unknown'],
  ['a serial of four letters', { serial: 'root' }, { serial: 'root' }, 'unknown'],
  ['names of two kinds', { dm: 'mpath-3600' }, { wwn: '600' }, 'unknown'],
  ['no names', {}, {}, 'unknown'],
] as const)('%s', (_case, here, there, is) => {
  expect(compareIds(here, there).is).toBe(is);
  expect(compareIds(there, here).is).toBe(is);
});
