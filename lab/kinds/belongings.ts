/** What belongs to a guest beside its disks and interfaces. */
import { diskXml, IMAGES, makeImage, onEveryHost, onHost } from '../everyday.js';
import { contentOf, type Kind } from './kind.js';

const tpm: Kind = {
  group: 'belongings',
  name: 'emulated TPM',
  becomes: 'its keys travel with the memory, or are carried',
  make: () =>
    Promise.resolve({
      devices: `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`,
    }),
};

const FIRMWARE = '/usr/share/OVMF/OVMF';
const uefi: Kind = {
  group: 'belongings',
  name: 'UEFI variables',
  becomes: 'travel with the memory, or are carried',
  make({ name: vm, undo }) {
    const variables = `/var/lib/libvirt/qemu/nvram/${vm}_VARS.fd`;
    undo(() => onEveryHost('rm -f -- "$1"', variables));
    return Promise.resolve({
      boot: `<loader readonly='yes' type='pflash'>${FIRMWARE}_CODE_4M.fd</loader><nvram template='${FIRMWARE}_VARS_4M.fd'>${variables}</nvram>`,
    });
  },
};

/** What libvirt and the image say of them. */
const SNAPSHOTS = `virsh -q snapshot-list "$1" --name; qemu-img snapshot -U -l "$2" | awk '{ print $2 }'`;

const LIVE_SNAPSHOT = /snapshot/;
const snapshot: Kind = {
  group: 'belongings',
  name: 'snapshot inside the image',
  becomes: 'is in the image, which is copied as it is; its description comes along',
  refuses: {
    live: LIVE_SNAPSHOT,
    'live, ended in the middle': LIVE_SNAPSHOT,
    warm: LIVE_SNAPSHOT,
  },
  make: ({ name: vm }) =>
    Promise.resolve({
      afterwards: (guest) => guest.virsh('h1', 'snapshot-create-as', 'before'),
      content: (host) => onHost(host, SNAPSHOTS, vm, `${IMAGES}/${vm}/disk.qcow2`),
    }),
};

const iso: Kind = {
  group: 'belongings',
  name: 'ISO of one host alone',
  becomes: 'used if the target has the same, else brought',
  async make({ name: vm, undo }) {
    const [file, disk] = [`${IMAGES}/${vm}-tools.iso`, `${IMAGES}/${vm}/disk.qcow2`];
    undo(() => onEveryHost('rm -f -- "$1"', file));
    await onHost('h1', 'head -c 1000000 /dev/urandom >"$1"', file);
    await makeImage('h1', disk);
    return {
      disks: `${diskXml(disk)}<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${file}'/><target dev='sda' bus='sata'/><readonly/></disk>`,
      content: (host) => contentOf(host, file, 'raw'),
    };
  },
};

const LACKS = /lacks what the guest's CPU has: pcommit/;
const cpu: Kind = {
  group: 'belongings',
  name: 'its host’s own CPU (maximum)',
  becomes: 'the target gives every feature of it; cold it takes the target’s',
  // QEMU 10 has no pcommit any more, which QEMU 7.2 emulates.
  refuses: { live: LACKS, 'live, ended in the middle': LACKS },
  make: () => Promise.resolve({ beside: `<cpu mode='maximum'/>` }),
};

/** All of them. */
export const BELONGINGS: readonly Kind[] = [uefi, tpm, snapshot, iso, cpu];
