/** Names of files: whatever an operator has called them, nobody takes them for something else. */
import {
  diskXml,
  IMAGES,
  makeGuest,
  makeImage,
  onHost,
  type EverydayGuest,
  type Recipe,
} from '../../../lab/everyday.js';
import { closeLab, connectLab, type Lab } from '../../helpers/lab.js';
import { adopt, moveCold } from '../../helpers/everyday.js';

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

it.each(['scp', 'nbd', 'warm'] as const)(
  'a file and its folder may be called anything, moved by %s',
  async (way) => {
    const folder = `${IMAGES}/O'Brien $(touch PWN);touch PWN, "x"=`;
    const disk = `${folder}/d'q\\b;touch PWN, =.qcow2`;
    litter.push(folder, '/srv/drover/PWN');
    await makeImage('h1', disk);
    const guest = await make({ name: 'odd1', number: 47, disks: diskXml(disk) });
    if (way === 'warm') await guest.start('h1');
    await adopt(lab);

    await moveCold(lab, guest, 'h2', 'confirm', way === 'warm' ? { isWarm: true } : { copy: way });

    expect(await onHost('h2', 'ls "$1"', folder)).toBe(`${disk.slice(folder.length + 1)}\n`);
    expect(await onHost('h2', 'find / -xdev -name PWN 2>/dev/null || :')).toBe('');
  },
);
