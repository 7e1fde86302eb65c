/** A volume of Ceph's by RBD, behind cephx (G32): it stays where it is, in both moves, and its secret is there or comes along. */
import { execFileSync, spawn } from 'node:child_process';
import { onHost } from '../../lab/everyday.js';
import { until } from '../../lab/observer.js';
import { startCold, untilUnconfirmed } from '../helpers/lab.js';
import { adopt, everydayLab, expectRefused, moveCold, moveLive } from '../helpers/everyday.js';

const { lab, make, undo } = everydayLab();

const SECRET = '77000000-0000-4000-8000-00000000cef0';
const HOSTS = ['h1', 'h2', 'h3'];

const ceph = (...args: string[]): string =>
  execFileSync('scripts/lab', ['ceph', ...args], { encoding: 'utf8' }).trim();

const diskXml = (
  image: string,
  auth = `<auth username='drover'><secret type='ceph' uuid='${SECRET}'/></auth>`,
) =>
  `<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none' discard='unmap'/>${auth}<source protocol='rbd' name='vms/${image}'><host name='10.77.0.1' port='6789'/></source><target dev='vda' bus='virtio'/></disk>`;

/** `$1` UUID, `$2` value in base64. */
const SET = `printf '%s' "<secret ephemeral='no' private='no'><uuid>$1</uuid><usage type='ceph'><name>client.drover, by drover</name></usage></secret>" >/run/key.xml
virsh -q secret-define /run/key.xml; printf '%s' "$2" >/run/key; virsh -q secret-set-value "$1" --file /run/key; rm /run/key /run/key.xml`;
const setOn = (host: string, value: string) => onHost(host, SET, SECRET, value);
const has = async (host: string) => (await onHost(host, 'virsh -q secret-list')).includes(SECRET);

/** A guest on h1 with an image of its own, and its secret there. */
async function makeOnCeph(name: string, number: number, auth?: string) {
  ceph('image', name, '16');
  undo(() => Promise.resolve(ceph('drop', name)));
  for (const host of HOSTS)
    undo(() => onHost(host, 'virsh -q secret-undefine "$1" 2>/dev/null || :', SECRET));
  await setOn('h1', ceph('key'));
  const guest = await make({ name, number, disks: diskXml(name, auth) });
  return { guest, content: ceph('sum', name) };
}

beforeAll(() => ceph('up'), 180_000);

it('a running guest moves with its secret, and back, and its image is the same', async () => {
  const { guest, content } = await makeOnCeph('rbd1', 41);
  await guest.start('h1');

  await expectRefused(lab, guest, {
    move: 'live',
    to: 'h3',
    says: /disk vda needs the secret 77000000-\S+, which h3 lacks: --carry-secrets/,
  });
  await moveLive(lab, guest, 'h3', {}, { isCarryingSecrets: true });
  expect(await has('h3')).toBe(true);
  expect(await guest.virsh('h3', 'domstate')).toContain('running');

  await moveLive(lab, guest, 'h1');
  expect(await guest.virsh('h1', 'domstate')).toContain('running');
  await guest.virsh('h1', 'destroy');
  expect(ceph('sum', 'rbd1')).toBe(content);
});

it('it moves cold to the newer host and goes back by a revert, then for good', async () => {
  const { guest, content } = await makeOnCeph('rbd2', 42);
  await setOn('h2', ceph('key'));

  await moveCold(lab, guest, 'h2', 'revert');
  await guest.start('h1');
  await guest.virsh('h1', 'destroy');
  await adopt(lab);
  await moveCold(lab, guest, 'h2');

  await guest.start('h2');
  await guest.virsh('h2', 'destroy');
  expect(ceph('sum', 'rbd2')).toBe(content);
});

/** Somebody has the image open to write, whom no host of drover's knows of. */
async function heldBy(image: string): Promise<() => void> {
  const holder = spawn('scripts/lab', ['ceph', 'hold', image], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const release = () => void holder.stdin.end();
  undo(() => Promise.resolve(release()));
  await until(() => ceph('watchers', image) !== '', `a client that has ${image} open`);
  return release;
}

it('it is not started while somebody else has its image open, which the audit names', async () => {
  const { guest } = await makeOnCeph('rbd5', 45);
  await setOn('h3', ceph('key'));
  const stranger = await heldBy('rbd5');
  const named = async () =>
    (await lab.drover.audit()).findings.filter(({ kind }) => kind === 'volume');
  expect(await named()).toMatchObject([
    {
      host: 'h1',
      what: expect.stringMatching(/which is off: rbd:vms\/rbd5 is open by 10\.77/) as string,
    },
  ]);
  stranger();
  await until(() => ceph('watchers', 'rbd5') === '', 'nobody to have rbd5 open');
  await guest.start('h1');
  await adopt(lab);
  expect(await named()).toEqual([]);
  const release = await heldBy('rbd5');

  const migration = await startCold(lab, guest.name, 'h3', { shutdownSeconds: 0 });
  const waitsForMs = async () => {
    const start = (await migration.progress()).steps.find(({ name }) => name === 'guest.start');
    return start?.state === 'running' ? Date.now() - (start.startedAtMs ?? Date.now()) : 0;
  };
  await until(async () => (await waitsForMs()) > 5000, 'the start to wait for the image');
  expect(await guest.virsh('h1', 'domstate')).toContain('shut off');
  expect(await guest.virsh('h3', 'domstate')).toContain('shut off');
  release();
  await untilUnconfirmed(migration);

  expect(await guest.virsh('h3', 'domstate')).toContain('running');
  await migration.confirm({ by: 'test', reason: 'lab test' });
  await migration.result();
  await guest.virsh('h3', 'destroy');
});

it('a key that the monitors do not take is found before the guest is touched', async () => {
  const { guest } = await makeOnCeph('rbd3', 43);
  const wrong = 'AQDAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAA==';
  await setOn('h3', wrong);

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h3',
    says: /needs the secret 77000000-\S+, which has another value on h3 than on h1/,
  });

  await setOn('h1', wrong);
  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h3',
    says: /disk vda .*h1 cannot read the volume of vda: .*error connecting/,
  });
});

it('an image that is gone is told by its name', async () => {
  const { guest } = await makeOnCeph('rbd4', 44);
  ceph('drop', 'rbd4');

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h3',
    says: /rbd:vms\/rbd4 on h1 cannot be read: .*No such file or directory/,
  });
  ceph('image', 'rbd4', '16');
});
