/** Encrypted disks: the images stay as they are, and their key comes along if that is asked for (G33, G20). */
import { diskXml, IMAGES, onHost, pictureOfHosts } from '../../../lab/everyday.js';
import {
  everydayLab,
  expectRefused,
  moveCold,
  moveLive,
  sha256,
  withoutEmptyMetadata,
} from '../../helpers/everyday.js';

const { lab, make, litter, undo } = everydayLab();

const KEY = '77000000-0000-4000-8000-00000000c0de';
const ENCRYPTED = `<encryption format='luks'><secret type='passphrase' uuid='${KEY}'/></encryption>`;
const SECRET = `<secret ephemeral='no' private='no'><description>for lab</description><uuid>${KEY}</uuid><usage type='volume'><volume>${IMAGES}/enc1</volume></usage></secret>`;

/** `$1` path, `$2` format: an image with that key, which h1's libvirt has too. On a busy machine QEMU cannot always measure how many rounds a key takes. */
const MAKE = `mkdir -p "$(dirname "$1")"
case $2 in
  raw) format=luks options=key-secret=s,iter-time=10 ;;
  qcow2) format=qcow2 options=encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 ;;
esac
for _ in 1 2 3 4 5; do
  rm -f "$1"; if qemu-img create -q -f $format --object secret,id=s,data=open-sesame -o $options "$1" 8M; then break; fi
done
printf '%s' "$3" >/run/key.xml; virsh -q secret-define /run/key.xml
printf open-sesame >/run/key; virsh -q secret-set-value "$4" --plain --file /run/key; rm /run/key /run/key.xml`;

async function makeEncrypted(path: string, format: 'raw' | 'qcow2'): Promise<void> {
  for (const host of ['h1', 'h2'])
    undo(() => onHost(host, 'virsh -q secret-undefine "$1" 2>/dev/null || :', KEY));
  litter(path);
  await onHost('h1', MAKE, path, format, SECRET, KEY);
}

const secretOn = (host: string) =>
  onHost(host, 'virsh -q secret-dumpxml "$1"; virsh -q secret-get-value --plain "$1"', KEY);

it.each(['raw', 'qcow2'] as const)(
  'a %s disk moves cold with its key, and starts',
  async (format) => {
    const path = `${IMAGES}/enc1/disk.img`;
    await makeEncrypted(path, format);
    const guest = await make({
      name: 'enc1',
      number: 96,
      disks: diskXml(path, 'vda', ENCRYPTED, format),
    });
    await guest.start('h1');
    await guest.virsh('h1', 'destroy');
    const content = await sha256('h1', path);

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /disk vda needs the secret .*c0de, which h2 lacks: --carry-secrets brings it/,
    });
    await moveCold(lab, guest, 'h2', 'confirm', {}, { isCarryingSecrets: true });

    expect(await sha256('h2', path)).toBe(content);
    expect(await secretOn('h2')).toBe(await secretOn('h1'));
    await guest.start('h2');
  },
);

it('a revert takes the key back, and everything is as it was', async () => {
  const path = `${IMAGES}/enc1/disk.img`;
  await makeEncrypted(path, 'raw');
  const guest = await make({
    name: 'enc1',
    number: 97,
    disks: diskXml(path, 'vda', ENCRYPTED, 'raw'),
  });
  const picture = async () => withoutEmptyMetadata(await pictureOfHosts());
  const before = await picture();

  await moveCold(lab, guest, 'h2', 'revert', {}, { isCarryingSecrets: true });

  expect(await picture()).toEqual(before);
});

it('a running guest moves live on shared storage with its key, and is not copied without it', async () => {
  const path = '/srv/shared/enc1/disk.img';
  await makeEncrypted(path, 'raw');
  const guest = await make({
    name: 'enc1',
    number: 98,
    disks: diskXml(path, 'vda', ENCRYPTED, 'raw'),
  });
  await guest.start('h1');

  await expectRefused(lab, guest, {
    move: 'live',
    to: 'h2',
    says: /needs the secret .* which h2 lacks/,
  });
  await moveLive(lab, guest, 'h2', {}, { isCarryingSecrets: true });

  expect(await guest.virsh('h2', 'domstate')).toContain('running');
  expect(await secretOn('h2')).toBe(await secretOn('h1'));
});
