/** The suites' guests: small, without an operating system, with one local qcow2 disk. */
import { Confidential } from '../../../model/confidential.js';
import { Device, Mac, VmUuid, type HostPath } from '../../../model/ids.js';
import { targetTap, type Port } from '../../../model/network.js';
import type { Disk, DiskPlan } from '../../../model/storage.js';
import type { FreePath } from '../../../drivers/interfaces/free.js';
import { inside, LIKE, MINE, type ContractSite } from './site.js';

const MIB = 1024 ** 2;
/** The size of every disk here. */
export const DISK_BYTES = 64 * MIB;

/** One guest of a suite. */
export interface SuiteGuest {
  readonly uuid: VmUuid;
  readonly name: string;
  readonly disk: FreePath;
  readonly port: Port;
  /** Its XML; `title` tells two definitions of it apart. */
  xml(more?: { readonly title?: string; readonly name?: string; readonly beside?: string }): string;
}

/** That guest's facts; nothing is made. Numbers are two digits, and each test file has its own. */
export function suiteGuest(site: ContractSite, number: number): SuiteGuest {
  const name = `suite${number}`;
  const uuid = VmUuid.parse(`77000000-0000-4000-8000-0000000000${number}`);
  const mac = Mac.parse(`52:54:00:77:00:${number}`);
  const disk = inside(site, `${name}.qcow2`);
  const port: Port = { mac, tap: targetTap(mac), bridge: Device.parse('br0'), groups: ['web'] };
  return {
    uuid,
    name,
    disk,
    port,
    xml: ({ title = 'first', name: called = name, beside = '' } = {}) =>
      `<domain type='qemu'><name>${called}</name><uuid>${uuid}</uuid><title>${title}</title>
<memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk>
<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/><target dev='${port.tap}'/><model type='virtio'/></interface>
<graphics type='vnc' port='-1' autoport='yes' passwd='secret${number}'/>${beside}</devices></domain>`,
  };
}

/** A disk of the suites, as a plan has it. */
export const diskAt = (path: HostPath, backing?: HostPath): DiskPlan => ({
  device: 'vda',
  source: { kind: 'file', path },
  format: 'qcow2',
  isReadOnly: false,
  isShareable: false,
  handling: 'copy',
  reason: '',
  inspection: {
    capacityBytes: DISK_BYTES,
    allocatedBytes: 0,
    holds: [],
    backing: backing ? [{ path: backing, format: 'qcow2', sizeBytes: 0 }] : [],
  },
});

/** Any disk, of a source. */
export const diskOf = (source: Disk['source']): Disk => ({
  device: 'vdb',
  source,
  format: 'raw',
  isReadOnly: false,
  isShareable: false,
});

/** Makes its disk, which is nobody's then, and defines it, off, on the first host. */
export async function defineGuest(site: ContractSite, guest: SuiteGuest): Promise<void> {
  const { files } = site.near.storage;
  await files.makeDisk(diskAt(guest.disk), MINE, LIKE);
  await files.keep([guest.disk]);
  await site.near.hypervisor.define(new Confidential(guest.xml()));
}
