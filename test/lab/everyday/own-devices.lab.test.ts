/** Block devices that each host has for itself (G30): a disk is copied into an empty one, and into no other. */
import { GIVE_BACK, PUT_STATE, STATES, TAKE } from '../../../drivers/storage/taken-scripts.js';
import { diskXml, IMAGES, onHost } from '../../../lab/everyday.js';
import { startMove } from '../../helpers/lab.js';
import { everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make, undo, litter } = everydayLab();

const PATTERN = `qemu-io -f raw -c 'write -q -P 0x5a 1M 256k' -c 'write -q -P 0x21 9M 64k' "$1"`;
/** `$1` name of the device, `$2` bytes: a loop device over a file of that length, under a name of the host's own. */
const ATTACH = `mkdir -p "$(dirname "$1")"; rm -f "$1.raw"; truncate -s "$2" "$1.raw"; ln -sfn "$(losetup --find --show "$1.raw")" "$1"`;
const DETACH = `losetup -d "$(readlink "$1")"; rm -f "$1" "$1.raw"`;
const blockXml = (path: string, device = 'vda') =>
  `<disk type='block' device='disk'><driver name='qemu' type='raw' cache='none' io='native'/><source dev='${path}'/><target dev='${device}' bus='virtio'/></disk>`;

/** Loop devices have no names that say what they are for. */
const SAID = { storageMaps: ['/srv/own=/srv/own'] };

/** A device of one host's, empty, or with a pattern. */
async function makeDevice(
  host: string,
  path: string,
  { bytes = 16 * 1024 ** 2, isFull = false } = {},
) {
  undo(() => onHost(host, DETACH, path));
  await onHost(host, ATTACH, path, String(bytes));
  if (isFull) await onHost(host, PATTERN, path);
}
const sumOf = (host: string, path: string) =>
  onHost(host, 'head -c 16777216 "$1" | sha256sum', path);
const EMPTY_SUM = () => onHost('h1', 'head -c 16777216 /dev/zero | sha256sum');
const marksOn = (host: string) => onHost(host, 'ls /var/lib/drover | grep device- || :');

it('a running guest is copied into the target’s, and back once its host’s is empty again; cold it comes back with a revert', async () => {
  const path = '/srv/own/one';
  await makeDevice('h1', path, { isFull: true });
  await makeDevice('h2', path);
  const before = await sumOf('h1', path);
  const guest = await make({ name: 'own1', number: 48, disks: blockXml(path) });
  await guest.start('h1');

  const report = await moveLive(lab, guest, 'h2', {}, SAID);

  expect(report.kept).toEqual([
    expect.stringMatching(/\/srv\/own\/one, with what vda of own1 had/),
  ]);
  expect(await guest.virsh('h2', 'domstate')).toContain('running');
  expect(await sumOf('h2', path)).toBe(before);
  expect(await sumOf('h1', path)).toBe(before);
  expect(await marksOn('h2')).toBe('');

  await expectRefused(lab, guest, {
    move: 'live',
    to: 'h1',
    more: SAID,
    says: /blkdiscard -z \/srv\/own\/one on h1/,
  });
  await onHost('h1', 'blkdiscard -z "$1"', path);
  await moveCold(lab, guest, 'h1', 'revert', {}, SAID);
  expect(await guest.virsh('h2', 'domstate')).toContain('running');
  expect(await sumOf('h1', path)).toBe(await EMPTY_SUM());
  expect(await marksOn('h1')).toBe('');
  await moveCold(lab, guest, 'h1', 'confirm', {}, SAID);
  expect(await sumOf('h1', path)).toBe(before);
});

it('a transfer that is aborted in the middle leaves the target’s empty', async () => {
  const path = '/srv/own/two';
  await makeDevice('h1', path, { isFull: true });
  await makeDevice('h2', path);
  const guest = await make({ name: 'own2', number: 49, disks: blockXml(path) });
  await guest.start('h1');
  const migration = await startMove(lab, guest.name, 'h2', { bandwidthMibPerSec: 1 }, SAID);
  for await (const { steps } of migration.watch(20))
    if (steps.some(({ name, state }) => name === 'transfer.run' && state === 'running')) break;
  await migration.abort('test').catch(() => undefined);

  await expect(migration.result()).rejects.toMatchObject({ leftovers: [] });

  expect(await sumOf('h2', path)).toBe(await EMPTY_SUM());
  expect(await marksOn('h2')).toBe('');
  expect(await guest.virsh('h1', 'domstate')).toContain('running');
});

it('one with data on it, a mounted one and one that is too small are not written into', async () => {
  const path = '/srv/own/three';
  await makeDevice('h1', path, { isFull: true });
  await makeDevice('h2', path, { isFull: true });
  const guest = await make({ name: 'own3', number: 50, disks: blockXml(path) });
  const refuse = (says: RegExp, move: 'live' | 'cold' = 'cold') =>
    expectRefused(lab, guest, { move, to: 'h2', says, more: SAID });

  await refuse(/whether that on h2 is the same cannot be told/);
  await onHost(
    'h2',
    'blkdiscard -z "$1"; printf x | dd of="$1" bs=1 seek=16000000 conv=notrunc status=none',
    path,
  );
  const before = await sumOf('h2', path);
  // What the samples have not seen is seen before a byte is written.
  const moved = lab.drover.startColdMigration({
    requestedBy: 'test',
    reason: 'lab test',
    vm: guest.name,
    target: 'h2',
    ...SAID,
  });
  await expect((await moved).result()).rejects.toMatchObject({
    code: 'TARGET_STALE',
    message: expect.stringMatching(/has data on it \(at byte 16000000\)/) as string,
  });
  expect(await sumOf('h2', path)).toBe(before);
  await onHost('h2', 'blkdiscard -z "$1"; mkswap "$1" >/dev/null; swapon "$1"', path);
  undo(() => onHost('h2', 'swapoff "$1" 2>/dev/null || :', path));
  await refuse(/which h2 itself uses: swap/);
});

it('a file becomes a device, and a device a file, where a map says so', async () => {
  const device = '/dev/drover-own-four';
  const file = `${IMAGES}/own4/disk.qcow2`;
  litter(`${IMAGES}/own4`, '/srv/own4');
  await makeDevice('h2', '/srv/own/four');
  await onHost('h2', 'ln -sfn "$(readlink "$1")" "$2"', '/srv/own/four', device);
  undo(() => onHost('h2', 'rm -f "$1"', device));
  await onHost(
    'h1',
    `mkdir -p "$(dirname "$1")" && qemu-img create -q -f qcow2 "$1" 16M && qemu-io -c 'write -q -P 0x5a 1M 256k' -c 'write -q -P 0x21 9M 64k' "$1"`,
    file,
  );
  await makeDevice('h1', '/srv/own/five', { isFull: true });
  const wanted = await sumOf('h1', '/srv/own/five');
  const guest = await make({ name: 'own4', number: 51, disks: diskXml(file) });
  await guest.start('h1');

  await moveLive(lab, guest, 'h2', {}, { storageMaps: [`${file}=${device}`] });

  expect(await guest.virsh('h2', 'dumpxml', '--inactive')).toMatch(
    /type='block'[^]*type='raw'[^]*dev='\/dev\/drover-own-four'/,
  );
  expect(await sumOf('h2', device)).toBe(wanted);
  expect(await onHost('h1', 'ls "$1" 2>/dev/null || :', file)).toBe('');

  await moveCold(
    lab,
    guest,
    'h1',
    'confirm',
    {},
    { storageMaps: [`${device}=/srv/own4/disk.raw`] },
  );

  expect(await guest.virsh('h1', 'dumpxml', '--inactive')).toMatch(
    /type='file'[^]*file='\/srv\/own4\/disk.raw'/,
  );
  expect(await sumOf('h1', '/srv/own4/disk.raw')).toBe(wanted);
  expect(await guest.virsh('h1', 'domstate')).toContain('running');
});

it('a device that was exchanged under its name since it was taken is not written to', async () => {
  const path = '/srv/own/six';
  const owner = '77000000-0000-4000-8000-0000000000a1';
  await makeDevice('h2', path);
  await onHost('h2', TAKE.text, path, owner, 'vda', String(16 * 1024 ** 2));
  expect(await onHost('h2', STATES.text, owner, path)).toBe(`empty ${path}\n`);
  await onHost('h2', PUT_STATE.text, owner, 'writing', path);
  await onHost(
    'h2',
    `truncate -s 16M "$1.other.raw"; ${PATTERN.replace('"$1"', '"$1.other.raw"')}; losetup -d "$(readlink "$1")"; losetup "$(readlink "$1")" "$1.other.raw"`,
    path,
  );
  undo(() => onHost('h2', 'rm -f "$1.other.raw"', path));
  const before = await sumOf('h2', path);

  expect(await onHost('h2', STATES.text, owner, path)).toBe(`gone ${path}\n`);
  expect(await onHost('h2', GIVE_BACK.text, owner, path)).toBe(
    `${path}: it is another device by now\n`,
  );

  expect(await sumOf('h2', path)).toBe(before);
  expect(await marksOn('h2')).toBe('');
});

it('a device into which nothing was written is given back as it is, whatever somebody has put on it by now', async () => {
  const path = '/srv/own/seven';
  const owner = '77000000-0000-4000-8000-0000000000a2';
  await makeDevice('h2', path);
  await onHost('h2', TAKE.text, path, owner, 'vda', String(16 * 1024 ** 2));
  await onHost('h2', PATTERN, path);
  const before = await sumOf('h2', path);

  expect(await onHost('h2', GIVE_BACK.text, owner, path)).toBe('');

  expect(await sumOf('h2', path)).toBe(before);
  expect(await marksOn('h2')).toBe('');
});
