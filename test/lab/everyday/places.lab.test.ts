/** Storage that is not what it seems: another file system under the same path, and links. */
import {
  diskXml,
  IMAGES,
  makeGuest,
  makeImage,
  onHost,
  type EverydayGuest,
} from '../../../lab/everyday.js';
import { LAB_DIR } from '../../../lab/folder.js';
import { closeLab, connectLab, moveTo, type Lab } from '../../helpers/lab.js';
import { adopt, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';
import { hostOf } from '../../../lab/guests.js';

jest.setTimeout(120_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));

describe('a target on which the shared storage is not mounted (G10)', () => {
  beforeEach(async () => {
    await moveTo(lab, 'web1', 'h1');
    await onHost('h2', 'umount /srv/shared');
  });
  afterEach(() =>
    onHost('h2', 'rm -rf /srv/shared/web1; mount --bind "$1" /srv/shared', `${LAB_DIR}/shared`),
  );

  it.each(['live', 'cold'] as const)('does not get a copy of a disk on it (%s)', async (move) => {
    await expectRefused(
      lab,
      { name: 'web1' },
      {
        move,
        to: 'h2',
        says: /disk vda is in \/srv\/shared\/web1: \/srv\/shared is another file system on h1 .* than on h2 .*: mount it on h2, or say --copy-anyway/,
      },
    );
    expect(await hostOf('web1')).toBe('h1');
  });
});

describe('a target with another file system for local disks', () => {
  let guest: EverydayGuest;
  beforeEach(async () => {
    guest = await makeGuest({ name: 'place1', number: 51 });
    await onHost('h2', 'mount -t tmpfs tmpfs "$1"', IMAGES);
    await adopt(lab);
  });
  afterEach(async () => {
    await guest.remove();
    await onHost('h2', 'umount "$1"', IMAGES);
    await adopt(lab);
  });

  it('is refused, unless a person knows better', async () => {
    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /another file system on h1 .* than on h2 \(tmpfs/,
    });

    const migration = await lab.drover.startColdMigration({
      vm: guest.name,
      target: 'h2',
      requestedBy: 'test',
      reason: 'lab test',
      accept: ['other-filesystem'],
      options: { window: { seconds: 0, then: 'revert' } },
    });
    expect(await migration.result()).toMatchObject({ outcome: 'reverted' });
  });
});

describe('a disk whose path is a link (G12)', () => {
  const link = `${IMAGES}/linked/disk.qcow2`;
  let guest: EverydayGuest;
  const makeLinked = async (real: string, number: number) => {
    await makeImage('h1', real);
    await onHost('h1', 'mkdir -p "$(dirname "$2")" && ln -s "$1" "$2"', real, link);
    guest = await makeGuest({ name: 'linked', number, disks: diskXml(link) });
    await guest.start('h1');
    await adopt(lab);
  };
  afterEach(async () => {
    await guest.remove();
    for (const host of ['h1', 'h2'])
      await onHost(host, 'rm -rf /srv/shared/linked /srv/elsewhere "$1"', `${IMAGES}/linked`);
    await adopt(lab);
  });

  it('to shared storage moves where the target has the same link, and both names are said', async () => {
    const real = '/srv/shared/linked/disk.qcow2';
    await makeLinked(real, 52);
    await onHost('h2', 'mkdir -p "$(dirname "$2")" && ln -s "$1" "$2"', real, link);

    const { disks } = await moveLive(lab, guest, 'h2');

    expect(disks).toMatchObject([
      {
        handling: 'shared',
        reason: expect.stringContaining(`${link}, which is ${real}`) as string,
      },
    ]);
  });

  it('to shared storage does not move where the target has no such link', async () => {
    await makeLinked('/srv/shared/linked/disk.qcow2', 53);

    await expectRefused(lab, guest, {
      move: 'live',
      to: 'h2',
      says: /is at .*, a link to \/srv\/shared\/linked\/disk.qcow2 on h1; on h2 that is nothing/,
    });
  });

  it('to local storage, with another file of that name on the target, does not move', async () => {
    const real = '/srv/elsewhere/disk.qcow2';
    await makeLinked(real, 54);
    await makeImage('h2', real);
    await onHost('h2', 'mkdir -p "$(dirname "$2")" && ln -s "$1" "$2"', real, link);

    for (const move of ['live', 'cold'] as const)
      await expectRefused(lab, guest, {
        move,
        to: 'h2',
        says: /is at .*, a link to \/srv\/elsewhere\/disk.qcow2 on h1, which is not shared/,
      });
  });
});

describe('a disk on shared storage over a local backing file', () => {
  it('does not move: the target’s file of that name would be another disk', async () => {
    const [base, disk] = [`${IMAGES}/lower/base.qcow2`, '/srv/shared/lower/disk.qcow2'];
    await makeImage('h1', base);
    await makeImage('h1', disk, base);
    const guest = await makeGuest({ name: 'lower', number: 55, disks: diskXml(disk) });
    await guest.start('h1');
    await adopt(lab);
    try {
      await expectRefused(lab, guest, {
        move: 'live',
        to: 'h2',
        says: /disk vda is shared, but lies over .*base.qcow2, which h2 does not share/,
      });
    } finally {
      await guest.remove();
      await onHost('h1', 'rm -rf "$1" /srv/shared/lower', `${IMAGES}/lower`);
      await adopt(lab);
    }
  });
});

it('a guest on shared storage moves cold, and its folder is where it was', async () => {
  const disk = '/srv/shared/plain/disk.qcow2';
  await makeImage('h1', disk);
  const guest = await makeGuest({ name: 'plain', number: 56, disks: diskXml(disk) });
  await adopt(lab);
  try {
    await moveCold(lab, guest, 'h2');

    expect(await onHost('h2', 'ls /srv/shared')).toContain('plain\n');
    expect(await onHost('h2', 'ls /srv/shared')).not.toContain('plain_resize');
  } finally {
    await guest.remove();
    await onHost('h1', 'rm -rf /srv/shared/plain');
    await adopt(lab);
  }
});
