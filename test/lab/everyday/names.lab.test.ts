/** Names of files: whatever an operator has called them, nobody takes them for something else. */
import { diskXml, IMAGES, makeImage, onHost } from '../../../lab/everyday.js';
import { adopt, everydayLab, moveCold } from '../../helpers/everyday.js';

const { lab, make, litter } = everydayLab();

it.each(['scp', 'nbd', 'warm'] as const)(
  'a file and its folder may be called anything, moved by %s',
  async (way) => {
    const folder = `${IMAGES}/O'Brien $(touch PWN);touch PWN, "x"=`;
    const disk = `${folder}/d'q\\b;touch PWN, =.qcow2`;
    litter(folder, '/srv/drover/PWN');
    await makeImage('h1', disk);
    const guest = await make({ name: 'odd1', number: 47, disks: diskXml(disk) });
    if (way === 'warm') await guest.start('h1');
    await adopt(lab);

    await moveCold(lab, guest, 'h2', 'confirm', way === 'warm' ? { isWarm: true } : { copy: way });

    expect(await onHost('h2', 'ls "$1"', folder)).toBe(`${disk.slice(folder.length + 1)}\n`);
    expect(await onHost('h2', 'find / -xdev -name PWN 2>/dev/null || :')).toBe('');
  },
);
