/** What libvirt is told of a transfer: its flags and parameters. */
import { Confidential } from '../../../model/confidential.js';
import { flagsOf, paramsOf } from '../../../drivers/libvirt/transfer.js';
import type { TransferSpec } from '../../../drivers/interfaces/hypervisor/transfers.js';

describe('a transfer', () => {
  const spec: TransferSpec = {
    targetUri: 'qemu+tcp://h2/system',
    liveXml: new Confidential('<domain/>'),
    copiedDevices: [],
    isSharingProved: false,
    isPostCopyAllowed: false,
    isAutoConverge: false,
    isEncrypted: false,
    parallelConnections: 1,
    firstDowntimeMs: 300,
  };

  it('with no disk to copy never sets the flag that would copy all of them', () => {
    expect(flagsOf(spec) & (64 | 128)).toBe(0);
  });

  it.each([
    { name: 'copied disks', change: { copiedDevices: ['vda'] }, flag: 128 },
    { name: 'proved sharing', change: { isSharingProved: true }, flag: 512 },
    { name: 'post-copy', change: { isPostCopyAllowed: true }, flag: 32_768 },
    { name: 'TLS', change: { isEncrypted: true }, flag: 65_536 },
    { name: 'auto-converge', change: { isAutoConverge: true }, flag: 8192 },
    { name: 'parallel streams', change: { parallelConnections: 4 }, flag: 131_072 },
  ])('with $name sets its flag and no other', ({ change, flag }) => {
    expect(flagsOf({ ...spec, ...change }) ^ flagsOf(spec)).toBe(flag);
  });

  it('puts an IPv6 address in brackets', () => {
    const params = paramsOf({ ...spec, migrationAddress: 'fd77::12' });

    expect(params).toContainEqual({
      name: 'migrate_uri',
      type: 'string',
      value: 'tcp://[fd77::12]',
    });
  });

  it('names each copied disk, the address and the limit', () => {
    const params = paramsOf({
      ...spec,
      copiedDevices: ['vda', 'vdc'],
      migrationAddress: '10.0.0.2',
      bandwidthMibPerSec: 9,
      isPostCopyAllowed: true,
    });
    expect(params.slice(1)).toEqual([
      { name: 'migrate_uri', type: 'string', value: 'tcp://10.0.0.2' },
      { name: 'migrate_disks', type: 'string', value: 'vda' },
      { name: 'migrate_disks', type: 'string', value: 'vdc' },
      { name: 'bandwidth', type: 'ullong', value: 9 },
      { name: 'bandwidth.postcopy', type: 'ullong', value: 9 },
    ]);
  });
});
