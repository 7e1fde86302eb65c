/** What is somebody else's: disks, folders, pools. It is neither renamed nor removed, whatever the VM is called. */
import {
  diskXml,
  IMAGES,
  makeGuest,
  makeImage,
  onHost,
  pictureOfHosts,
  type EverydayGuest,
  type Recipe,
} from '../../../lab/everyday.js';
import { closeLab, connectLab, type Lab } from '../../helpers/lab.js';
import { adopt, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

jest.setTimeout(120_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));

const guests: EverydayGuest[] = [];
const litter: string[] = [];
const make = async (recipe: Recipe): Promise<EverydayGuest> => {
  const guest = await makeGuest(recipe);
  guests.push(guest);
  return guest;
};
afterEach(async () => {
  for (const guest of guests.splice(0)) await guest.remove();
  for (const path of litter.splice(0))
    for (const host of ['h1', 'h2']) await onHost(host, 'rm -rf -- "$1"', path);
  await adopt(lab);
});

/** What one host has of all guests but these, in both views, and of their files. */
const filesOn = (host: string, folder: string) =>
  onHost(host, 'cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2', folder);

describe('a disk that a neighbour’s disk lies over (G08)', () => {
  const gold = `${IMAGES}/gold/gold.qcow2`;
  let owner: EverydayGuest;
  beforeEach(async () => {
    litter.push(`${IMAGES}/gold`);
    await makeImage('h1', gold);
    owner = await make({ name: 'gold', number: 31, disks: diskXml(gold) });
  });

  it.each(['off', 'running'] as const)('is not moved while the neighbour is %s', async (state) => {
    const path = `${IMAGES}/clone1/disk.qcow2`;
    await makeImage('h1', path, gold);
    const clone = await make({ name: 'clone1', number: 32, disks: diskXml(path) });
    if (state === 'running') await clone.start('h1');
    await adopt(lab);

    await expectRefused(lab, owner, {
      move: 'cold',
      to: 'h2',
      says: /disk vda \(.*gold\.qcow2\) is used by clone1 on h1 \(below disk vda|disk vda\)/,
    });
    if (state === 'off') await clone.start('h1');
    expect(await clone.virsh('h1', 'domstate')).toContain('running');
  });

  it('is not moved while a neighbour names it under another name, by a link', async () => {
    const link = `${IMAGES}/other-name.qcow2`;
    litter.push(link);
    await onHost('h1', 'ln -s "$1" "$2"', gold, link);
    await make({ name: 'link1', number: 33, disks: diskXml(link) });
    await adopt(lab);

    await expectRefused(lab, owner, {
      move: 'cold',
      to: 'h2',
      says: /is used by link1 on h1 \(disk vda\)/,
    });
  });

  it('is moved although a dead neighbour’s backing file is missing: that is no file of anybody', async () => {
    const [path, base] = [`${IMAGES}/dead1/disk.qcow2`, `${IMAGES}/dead1/base.qcow2`];
    litter.push(`${IMAGES}/dead1`);
    await makeImage('h1', base);
    await makeImage('h1', path, base);
    await onHost('h1', 'rm "$1" && mkfifo "$2"', base, `${IMAGES}/dead1/pipe.raw`);
    const disks = diskXml(path) + diskXml(`${IMAGES}/dead1/pipe.raw`, 'vdb', '', 'raw');
    await make({ name: 'dead1', number: 28, disks });
    await adopt(lab);

    await moveCold(lab, owner, 'h2');

    expect(await onHost('h1', 'ls "$1"', `${IMAGES}/dead1`)).toBe('disk.qcow2\npipe.raw\n');
  });

  it('is not moved while a neighbour cannot be read: it may be its, unless a person knows', async () => {
    const path = `${IMAGES}/torn1/disk.qcow2`;
    litter.push(`${IMAGES}/torn1`);
    await makeImage('h1', path);
    await make({ name: 'torn1', number: 34, disks: diskXml(path) });
    await onHost('h1', 'head -c 4096 /dev/urandom >"$1"', path);
    await adopt(lab);

    await expectRefused(lab, owner, {
      move: 'cold',
      to: 'h2',
      says: /what torn1 uses on h1 cannot be told.*--accept unclear-uses/,
    });
    const accepted = await lab.drover.startColdMigration({
      vm: 'gold',
      target: 'h2',
      requestedBy: 'test',
      reason: 'test',
      accept: ['unclear-uses'],
      options: { shutdownSeconds: 0, window: { seconds: 0, then: 'confirm' } },
    });
    // What may be torn1's stays.
    expect((await accepted.result()).kept?.join(' ')).toContain('torn1');
    expect((await accepted.progress()).accepted).toEqual(['unclear-uses']);
  });
});

describe('a disk that two guests may write to (G08)', () => {
  it.each(['live', 'cold'] as const)('on local storage is not moved %s', async (move) => {
    const path = `${IMAGES}/both.raw`;
    litter.push(path);
    await onHost('h1', 'truncate -s 1M "$1"', path);
    const shared = diskXml(path, 'vdb', '<shareable/>', 'raw');
    const [mine, theirs] = [`${IMAGES}/pair1/disk.qcow2`, `${IMAGES}/pair2/disk.qcow2`];
    for (const disk of [mine, theirs]) await makeImage('h1', disk);
    const guest = await make({ name: 'pair1', number: 35, disks: diskXml(mine) + shared });
    await make({ name: 'pair2', number: 36, disks: diskXml(theirs) + shared });
    if (move === 'live') await guest.start('h1');
    await adopt(lab);

    await expectRefused(lab, guest, {
      move,
      to: 'h2',
      says: /disk vdb is shareable and lies on storage of h1 alone.*disk vdb .*is used by pair2 on h1/,
    });
  });
});

describe('a folder that has the VM’s name', () => {
  it('and holds another guest’s disk too (G09) stays where it is; that guest starts', async () => {
    const folder = `${IMAGES}/shop`;
    litter.push(folder, `${folder}_resize`);
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
    const guest = await make({ name: 'own1', number: 40 });
    await adopt(lab);

    await moveCold(lab, guest, 'h2');

    expect(await onHost('h1', 'ls "$1"', IMAGES)).not.toContain('own1');
  });
});

describe('a VM that is called', () => {
  it('images (S8) takes its disk with it, and not the pool that it lies in', async () => {
    const disk = `${IMAGES}/only-this-one.qcow2`;
    litter.push(disk);
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
    litter.push(folder, `${IMAGES}/sshdisk`);
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
    litter.push(variables);
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

describe('whose a copy is, and who may read it (S15)', () => {
  it.each(['nbd', 'scp', 'live'] as const)(
    'is what the original was, by %s, and nobody else meanwhile',
    async (way) => {
      const guest = await make({ name: 'mode1', number: 44 });
      if (way === 'live') await guest.start('h1');
      await onHost(
        'h1',
        'chown libvirt-qemu:kvm "$1/disk.qcow2" && chmod 600 "$1/disk.qcow2" && chmod 711 "$1"',
        guest.folder,
      );
      await adopt(lab);

      if (way === 'live') await moveLive(lab, guest, 'h2');
      else await moveCold(lab, guest, 'h2', 'confirm', { copy: way });

      const stat = 'stat -c %U:%G:%a "$1" "$1/disk.qcow2"';
      expect(await onHost('h2', stat, guest.folder)).toBe('root:root:711\nlibvirt-qemu:kvm:600\n');
    },
  );
});

it('a disk that only reads what a neighbour writes is not copied: it would stand still', async () => {
  const path = `${IMAGES}/feed.raw`;
  litter.push(path);
  await onHost('h1', 'truncate -s 1M "$1"', path);
  const [mine, theirs] = [`${IMAGES}/reader1/disk.qcow2`, `${IMAGES}/writer1/disk.qcow2`];
  for (const disk of [mine, theirs]) await makeImage('h1', disk);
  const reader = await make({
    name: 'reader1',
    number: 45,
    disks: diskXml(mine) + diskXml(path, 'vdb', '<readonly/>', 'raw'),
  });
  await make({
    name: 'writer1',
    number: 46,
    disks: diskXml(theirs) + diskXml(path, 'vdb', '<shareable/>', 'raw'),
  });
  await adopt(lab);

  await expectRefused(lab, reader, {
    move: 'cold',
    to: 'h2',
    says: /disk vdb .*is used by writer1 on h1/,
  });
});
