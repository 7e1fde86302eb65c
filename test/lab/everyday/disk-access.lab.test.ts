/** Who may write to a disk and who may read it: what two guests have is not moved, and a copy is the original's owner's. */
import { diskXml, IMAGES, makeImage, onHost } from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make, litter } = everydayLab();

describe('a disk that two guests may write to (G08)', () => {
  it.each(['live', 'cold'] as const)('on local storage is not moved %s', async (move) => {
    const path = `${IMAGES}/both.raw`;
    litter(path);
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

it('a disk that only reads what a neighbour writes is not copied: it would stand still', async () => {
  const path = `${IMAGES}/feed.raw`;
  litter(path);
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
