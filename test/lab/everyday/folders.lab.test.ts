/** Folders and pools that are somebody else's too: they are neither renamed nor removed, whatever the VM is called. */
import { diskXml, IMAGES, makeImage, onHost, pictureOfHosts } from '../../../lab/everyday.js';
import { adopt, everydayLab, moveCold } from '../../helpers/everyday.js';

const { lab, make, litter } = everydayLab();

/** What one host has of all guests but these, in both views, and of their files. */
const filesOn = (host: string, folder: string) =>
  onHost(host, 'cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2', folder);

describe('a folder that has the VM’s name', () => {
  it('and holds another guest’s disk too (G09) stays where it is; that guest starts', async () => {
    const folder = `${IMAGES}/shop`;
    litter(folder, `${folder}_resize`);
    const [disk, db] = [`${folder}/disk.qcow2`, `${folder}/db.qcow2`];
    for (const path of [disk, db]) await makeImage('h1', path);
    const shop = await make({ name: 'shop', number: 37, disks: diskXml(disk) });
    const shopdb = await make({ name: 'shopdb', number: 38, disks: diskXml(db) });
    await adopt(lab);
    const before = await filesOn('h1', folder);

    await moveCold(lab, shop, 'h2', 'revert');
    expect(await filesOn('h1', folder)).toBe(before);

    await moveCold(lab, shop, 'h2');
    expect(await onHost('h1', 'ls "$1"', folder)).toBe('db.qcow2\n');
    expect(await onHost('h2', 'ls "$1"', folder)).toBe('disk.qcow2\n');
    await shopdb.start('h1');
  });

  it('and holds what no domain names stays, with that', async () => {
    const guest = await make({ name: 'notes1', number: 39 });
    await onHost('h1', 'echo mine >"$1/notes.txt"', guest.folder);
    await adopt(lab);

    await moveCold(lab, guest, 'h2');

    expect(await onHost('h1', 'cat "$1/notes.txt"', guest.folder)).toBe('mine\n');
    expect(await onHost('h1', 'ls "$1"', guest.folder)).toBe('notes.txt\n');
  });

  it('is set aside whole where it is the VM’s own, and goes with it', async () => {
    const guest = await make({ name: 'alone1', number: 40 });
    await adopt(lab);

    await moveCold(lab, guest, 'h2');

    expect(await onHost('h1', 'ls "$1"', IMAGES)).not.toContain('alone1');
  });
});

describe('a VM that is called', () => {
  it('images (S8) takes its disk with it, and not the pool that it lies in', async () => {
    const disk = `${IMAGES}/only-this-one.qcow2`;
    litter(disk);
    await makeImage('h1', disk);
    const guest = await make({ name: 'images', number: 41, disks: diskXml(disk) });
    await adopt(lab);
    const others = async () => (await pictureOfHosts())['h1']?.filter((l) => l.includes('blk1/'));
    const before = await others();

    await moveCold(lab, guest, 'h2');

    expect(await others()).toEqual(before);
    expect(await onHost('h1', 'ls "$1"', '/var/lib/libvirt')).not.toContain('images_resize');
    expect(await onHost('h1', 'ls "$1"', IMAGES)).not.toContain('only-this-one');
  });

  it('ssh (S8) leaves a backing file alone that lies in a folder of that name', async () => {
    const folder = '/srv/ssh';
    litter(folder, `${IMAGES}/sshdisk`);
    for (const host of ['h1', 'h2'])
      await onHost(
        host,
        'mkdir -p "$1" && truncate -s 1M "$1/sshd_config" && touch "$1/moduli"',
        folder,
      );
    const disk = `${IMAGES}/sshdisk/disk.qcow2`;
    await onHost(
      'h1',
      'mkdir -p "$(dirname "$1")" && qemu-img create -q -f qcow2 -b "$2" -F raw "$1"',
      disk,
      `${folder}/sshd_config`,
    );
    const guest = await make({ name: 'ssh', number: 42, disks: diskXml(disk) });
    await adopt(lab);

    await moveCold(lab, guest, 'h2');

    expect(await onHost('h1', 'ls "$1"', folder)).toBe('moduli\nsshd_config\n');
  });

  it('nvram (S8) takes its firmware variables with it, and not everybody’s folder', async () => {
    const variables = '/var/lib/libvirt/qemu/nvram/nvram_VARS.fd';
    litter(variables);
    await onHost('h1', 'cp /usr/share/OVMF/OVMF_VARS_4M.fd "$1"', variables);
    const guest = await make({ name: 'nvram', number: 43 });
    const xml = (await guest.xml('h1', '--inactive')).replace(
      /<os>[\s\S]*?<\/os>/,
      `<os><type arch='x86_64' machine='q35'>hvm</type><loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram>${variables}</nvram></os>`,
    );
    await onHost('h1', `printf '%s' "$1" >/run/n.xml && virsh -q define /run/n.xml`, xml);
    await adopt(lab);

    await moveCold(lab, guest, 'h2');

    expect(await onHost('h1', 'ls /var/lib/libvirt/qemu')).not.toContain('nvram_resize');
    expect(await onHost('h1', 'ls /var/lib/libvirt/qemu/nvram')).toBe('');
    expect(await onHost('h2', 'ls /var/lib/libvirt/qemu/nvram')).toContain('nvram_VARS.fd');
  });
});
