/** A disk that a neighbour's disk lies over, or that it may use: it is not moved from under it. */
import { diskXml, IMAGES, makeImage, onHost, type EverydayGuest } from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused, moveCold } from '../../helpers/everyday.js';

const { lab, make, litter } = everydayLab();

describe('a disk that a neighbour’s disk lies over (G08)', () => {
  const gold = `${IMAGES}/gold/gold.qcow2`;
  let owner: EverydayGuest;
  beforeEach(async () => {
    litter(`${IMAGES}/gold`);
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
    litter(link);
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
    litter(`${IMAGES}/dead1`);
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
    litter(`${IMAGES}/torn1`);
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
