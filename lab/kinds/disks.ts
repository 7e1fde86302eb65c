/** Kinds of disks. */
import { execFileSync } from 'node:child_process';
import { diskXml, IMAGES, onEveryHost, onHost } from '../everyday.js';
import { contentOf, type Kind } from './kind.js';

/** A pattern in the image `$1` of the format `$2`. */
const PATTERN = `qemu-io -f "$2" -c 'write -q -P 0x5a 1M 256k' -c 'write -q -P 0x21 9M 64k' "$1"`;

/** Images in files, by how they are made at `$1`. */
const fileKind = (
  name: string,
  becomes: string,
  folder: string,
  format: 'qcow2' | 'raw',
  create: string,
): Kind => ({
  group: 'disks',
  name,
  becomes,
  async make({ name: vm, undo }) {
    const path = `${folder}/${vm}/disk.img`;
    undo(() => onEveryHost('rm -rf -- "$1" "$1"_resize', `${folder}/${vm}`));
    await onHost('h1', `mkdir -p "$(dirname "$1")"; ${create}; ${PATTERN}`, path, format);
    return {
      disks: diskXml(path, 'vda', '', format),
      content: (host) => contentOf(host, path, format),
      path,
    };
  },
});

const BACKED = `qemu-img create -q -f qcow2 "$(dirname "$1")/base" 16M; qemu-io -f qcow2 -c 'write -q -P 0x77 4M 64k' "$(dirname "$1")/base"; qemu-img create -q -f qcow2 -F qcow2 -b "$(dirname "$1")/base" "$1"`;

const inFiles: readonly Kind[] = [
  fileKind('qcow2, local', 'copied', IMAGES, 'qcow2', 'qemu-img create -q -f qcow2 "$1" 16M'),
  fileKind('raw, local, sparse', 'copied, stays sparse', IMAGES, 'raw', 'truncate -s 16M "$1"'),
  fileKind('qcow2 over a backing file, local', 'both copied', IMAGES, 'qcow2', BACKED),
  fileKind(
    'qcow2, shared folder',
    'stays where it is',
    '/srv/shared',
    'qcow2',
    'qemu-img create -q -f qcow2 "$1" 16M',
  ),
  fileKind('raw, shared folder', 'stays where it is', '/srv/shared', 'raw', 'truncate -s 16M "$1"'),
];

const asQcow2 = fileKind('', '', IMAGES, 'qcow2', 'qemu-img create -q -f qcow2 "$1" 16M');
const turned: Kind = {
  ...asQcow2,
  name: 'qcow2, local, that is to be raw',
  becomes: 'copied into an image of the other format, by a map',
  storageMaps: ['format:qcow2=format:raw'],
  mapsBack: ['format:raw=format:qcow2'],
  refuses: { warm: /another format/ },
  async make(at) {
    const made = await asQcow2.make(at);
    const path = made.path ?? '';
    return { ...made, content: (host) => contentOf(host, path, host === 'h1' ? 'qcow2' : 'raw') };
  },
};

const pooled: Kind = {
  group: 'disks',
  name: 'volume of a pool of files',
  becomes: 'copied into the target’s pool of that name',
  refuses: { warm: /volume|pool/ },
  async make({ name: vm, undo }) {
    undo(() =>
      onEveryHost('virsh -q pool-destroy kinds; virsh -q pool-undefine kinds; rm -rf /srv/kinds'),
    );
    await onEveryHost(
      'mkdir -p /srv/kinds && virsh -q pool-define-as kinds dir --target /srv/kinds && virsh -q pool-start kinds',
    );
    const path = `/srv/kinds/${vm}.qcow2`;
    await onHost(
      'h1',
      `virsh -q vol-create-as kinds "$(basename "$1")" 16M --format qcow2; ${PATTERN}`,
      path,
      'qcow2',
    );
    return {
      disks: `<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='kinds' volume='${vm}.qcow2'/><target dev='vda' bus='virtio'/></disk>`,
      content: (host) => contentOf(host, path, 'qcow2'),
    };
  },
};

/** `$1` XML, `$2` UUID, `$3` value in base64. */
const SET_SECRET = `printf '%s' "$1" >/run/key.xml; virsh -q secret-define /run/key.xml
printf '%s' "$3" >/run/key; virsh -q secret-set-value "$2" --file /run/key; rm /run/key /run/key.xml`;

/** A secret on h1, gone from everywhere afterwards. */
async function setSecret(
  undo: (step: () => Promise<unknown>) => void,
  uuid: string,
  usage: string,
  value: string,
): Promise<void> {
  undo(() => onEveryHost('virsh -q secret-undefine "$1" 2>/dev/null || :', uuid));
  const xml = `<secret ephemeral='no' private='no'><uuid>${uuid}</uuid>${usage}</secret>`;
  await onHost('h1', SET_SECRET, xml, uuid, value);
}

const KEY = '77000000-0000-4000-8000-0000000c0de1';
const luks: Kind = {
  group: 'disks',
  name: 'qcow2, local, LUKS',
  becomes: 'the image is copied as it is, its key comes with it',
  refuses: { live: /encryption/, 'live, ended in the middle': /encryption/, warm: /encrypted/ },
  isCarryingSecrets: true,
  async make({ name: vm, undo }) {
    const path = `${IMAGES}/${vm}/disk.img`;
    undo(() => onEveryHost('rm -rf -- "$1" "$1"_resize', `${IMAGES}/${vm}`));
    const usage = `<usage type='volume'><volume>${path}</volume></usage>`;
    await setSecret(undo, KEY, usage, Buffer.from('open-sesame').toString('base64'));
    // On a busy machine QEMU cannot always measure how many rounds a key takes.
    await onHost(
      'h1',
      `mkdir -p "$(dirname "$1")"; for _ in 1 2 3 4 5; do rm -f "$1"; qemu-img create -q -f qcow2 --object secret,id=s,data=open-sesame -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 "$1" 8M && break; done`,
      path,
    );
    const encryption = `<encryption format='luks'><secret type='passphrase' uuid='${KEY}'/></encryption>`;
    return {
      disks: diskXml(path, 'vda', encryption, 'qcow2'),
      content: (host) => onHost(host, 'sha256sum <"$1"', path),
    };
  },
};

const ISCSI = 'iqn.2026-11.lab.drover:locked/1';
const CHAP = '77000000-0000-4000-8000-0000000cab1e';
const iscsi: Kind = {
  group: 'disks',
  name: 'iSCSI volume, with CHAP',
  becomes: 'stays where it is, its password comes along',
  isCarryingSecrets: true,
  async make({ undo }) {
    const usage = `<usage type='iscsi'><target>kinds</target></usage>`;
    await setSecret(undo, CHAP, usage, Buffer.from('let-me-in-1234').toString('base64'));
    return {
      disks: `<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='iscsi' name='${ISCSI}'><host name='10.77.0.1' port='3260'/><auth username='drover'><secret type='iscsi' uuid='${CHAP}'/></auth></source><target dev='vda' bus='virtio'/></disk>`,
    };
  },
};

const ceph = (...args: string[]): string =>
  execFileSync('scripts/lab', ['ceph', ...args], { encoding: 'utf8' }).trim();
const CEPHX = '77000000-0000-4000-8000-0000000cef01';
const rbd: Kind = {
  group: 'disks',
  name: 'Ceph RBD, with cephx',
  becomes: 'stays where it is, its key comes along',
  isCarryingSecrets: true,
  async make({ name: vm, undo }) {
    ceph('up');
    ceph('image', vm, '16');
    undo(() => Promise.resolve(ceph('drop', vm)));
    const usage = `<usage type='ceph'><name>client.drover of kinds</name></usage>`;
    await setSecret(undo, CEPHX, usage, ceph('key'));
    return {
      disks: `<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none'/><auth username='drover'><secret type='ceph' uuid='${CEPHX}'/></auth><source protocol='rbd' name='vms/${vm}'><host name='10.77.0.1' port='6789'/></source><target dev='vda' bus='virtio'/></disk>`,
      content: () => Promise.resolve(ceph('sum', vm)),
    };
  },
};

const LUN = '/srv/by-id/kinds-lun';
const lun: Kind = {
  group: 'disks',
  name: 'block device that both hosts see (LUN)',
  becomes: 'stays where it is: proved by its WWN and its content',
  async make({ name: vm, undo }) {
    const file = `/var/lib/drover-lun-${vm}.raw`;
    const attach = `rm -f "$1"; truncate -s 16M "$1"; ${PATTERN}; losetup --find --show "$1" | tr -dc 0-9`;
    const number = (await onHost('fabric', attach, file, 'raw')).trim();
    undo(() => onHost('fabric', 'losetup -d "/dev/loop$1"; rm -f "$2"', number, file));
    undo(() => onEveryHost('rm -rf "/run/udev/data/b7:$1" "$2"', number, LUN));
    // As udev lists it on a host that sees the LUN.
    await onEveryHost(
      `mkdir -p /run/udev/data "$(dirname "$2")"; echo E:ID_WWN=0x6001405abcdef009 >"/run/udev/data/b7:$1"; ln -sfn "/dev/loop$1" "$2"`,
      number,
      LUN,
    );
    return {
      disks: `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='${LUN}'/><target dev='vda' bus='virtio'/></disk>`,
      content: (host) => contentOf(host, LUN, 'raw'),
    };
  },
};

const OWN = '/srv/own/kinds-disk';
/** A disk of each host's own under one name, as logical volumes are: on h1 with a pattern, on the others empty. */
const own: Kind = {
  group: 'disks',
  name: 'block device of each host’s own',
  becomes:
    'copied into an empty one of that name, or of the name that a map gives it; the source’s stays',
  storageMaps: ['/srv/own=/srv/own'],
  refuses: { warm: /has no place for what the guest writes during a warm copy/ },
  async make({ undo }) {
    const attach = `mkdir -p "$(dirname "$1")"; truncate -s 16M "$1.raw"; ln -sfn "$(losetup --find --show "$1.raw")" "$1"`;
    undo(() => onEveryHost('losetup -d "$(readlink "$1")"; rm -rf "$(dirname "$1")"', OWN));
    await onEveryHost(attach, OWN);
    await onHost('h1', PATTERN, OWN, 'raw');
    return {
      disks: `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='${OWN}'/><target dev='vda' bus='virtio'/></disk>`,
      content: (host) => contentOf(host, OWN, 'raw'),
      beforeBack: () => onHost('h1', 'blkdiscard -z "$1"', OWN),
    };
  },
};

/** All of them. */
export const DISKS: readonly Kind[] = [...inFiles, turned, pooled, luks, iscsi, rbd, lun, own];
