/** What runs and is not defined, what is defined and does not run, and jobs: told or refused, and nothing is lost. */
import {
  IMAGES,
  makeImage,
  onHost,
  type EverydayGuest,
  type Recipe,
} from '../../../lab/everyday.js';
import { adopt, everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make: makeOff, litter } = everydayLab();

let guest: EverydayGuest;
const make = async (recipe: Recipe, isRunning = true) => {
  guest = await makeOff(recipe);
  if (isRunning) await guest.start('h1');
};

describe('a guest that runs with another disk than it is defined with (G11)', () => {
  const extra = `${IMAGES}/extra/data.qcow2`;
  const attach = async (how: '--live' | '--config') => {
    litter(`${IMAGES}/extra`);
    await makeImage('h1', extra);
    await guest.virsh('h1', 'attach-disk', extra, 'vdc', '--subdriver', 'qcow2', how);
    await adopt(lab);
  };

  it.each(['live', 'cold'] as const)('attached to what runs, is not moved %s', async (move) => {
    await make({ name: 'views1', number: 81 });
    await attach('--live');

    await expectRefused(lab, guest, {
      move,
      to: 'h2',
      says: /disk vdc \(.*data\.qcow2\) is attached to the running guest only, and in no definition: make it lasting/,
    });
    expect(await onHost('h1', 'ls "$1"', extra)).toContain(extra);
  });

  it('attached to its definition, is not moved live', async () => {
    await make({ name: 'views2', number: 82 });
    await attach('--config');

    await expectRefused(lab, guest, {
      move: 'live',
      to: 'h2',
      says: /disk vdc \(.*data\.qcow2\) is in the definition only, and the running guest does not have it/,
    });
  });

  it('attached to its definition, is moved cold with both disks, and that is said', async () => {
    await make({ name: 'views3', number: 83 });
    await attach('--config');

    const { remarks } = await moveCold(lab, guest, 'h2');

    expect(remarks).toEqual([
      expect.stringMatching(
        /^disk vdc .* is in the definition only: the next start has it/,
      ) as string,
    ]);
    expect(await onHost('h2', 'ls "$1"', extra)).toContain(extra);
    expect(await guest.xml('h2')).toContain(extra);
  });
});

it('a guest with an interface that only runs moves live, and that is said', async () => {
  // Where the second one can be plugged in.
  const ports = [1, 2, 3, 4, 5, 6, 7, 8].map(
    (index) => `<controller type='pci' index='${index}' model='pcie-root-port'/>`,
  );
  const devices = `<controller type='pci' index='0' model='pcie-root'/>${ports.join('')}`;
  await make({ name: 'views4', number: 84, devices });
  await guest.virsh(
    'h1',
    'attach-interface',
    'bridge',
    'br0',
    '--mac',
    '52:54:00:77:01:84',
    '--model',
    'virtio',
    '--live',
  );
  await adopt(lab);

  const { remarks } = await moveLive(lab, guest, 'h2');

  expect(remarks).toEqual([
    "interface 52:54:00:77:01:84 on br0 is the running guest's only: it ends with it",
  ]);
});

describe('a guest with a running copy job (G14)', () => {
  it.each(['live', 'cold'] as const)('is not moved %s', async (move) => {
    await make({ name: 'job1', number: 86 });
    const copy = `${IMAGES}/extra/copy.qcow2`;
    litter(`${IMAGES}/extra`);
    await onHost('h1', 'mkdir -p "$(dirname "$1")"', copy);
    // Until it mirrors: the running guest's XML says so, and what is compared below must not change by itself.
    await guest.virsh('h1', 'blockcopy', 'vda', copy, '--transient-job', '--wait');
    await adopt(lab);

    await expectRefused(lab, guest, {
      move,
      to: 'h2',
      says: /disk vda has a running copy job: wait, or end it \(virsh blockjob job1 vda --abort\)/,
    });
  });
});
