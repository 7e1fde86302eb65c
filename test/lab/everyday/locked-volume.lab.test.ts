/** An iSCSI volume behind a password (CHAP): it stays where it is, and the password comes along if that is asked for (G33, G20). */
import { onHost } from '../../../lab/everyday.js';
import { everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make, undo } = everydayLab();

const PASSWORD = '77000000-0000-4000-8000-00000000cabe';
const DISK = `<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='iscsi' name='iqn.2026-11.lab.drover:locked/1'><host name='10.77.0.1' port='3260'/><auth username='drover'><secret type='iscsi' usage='locked, by drover'/></auth></source><target dev='vda' bus='virtio'/></disk>`;
const SECRET = `<secret ephemeral='no' private='no'><uuid>${PASSWORD}</uuid><usage type='iscsi'><target>locked, by drover</target></usage></secret>`;

/** `$1` XML, `$2` UUID, `$3` value. */
const SET = `printf '%s' "$1" >/run/key.xml; virsh -q secret-define /run/key.xml
printf '%s' "$3" >/run/key; virsh -q secret-set-value "$2" --plain --file /run/key; rm /run/key /run/key.xml`;
const setOn = (host: string, value: string) => onHost(host, SET, SECRET, PASSWORD, value);

const valueOn = (host: string) =>
  onHost(host, 'virsh -q secret-get-value --plain "$1" 2>/dev/null || echo none', PASSWORD);

const makeLocked = async (number: number) => {
  for (const host of ['h1', 'h2'])
    undo(() => onHost(host, 'virsh -q secret-undefine "$1" 2>/dev/null || :', PASSWORD));
  await setOn('h1', 'let-me-in-1234');
  return make({ name: 'locked1', number, disks: DISK });
};

it('the guest moves live with its password, and back, where it is there', async () => {
  const guest = await makeLocked(93);
  await guest.start('h1');

  await expectRefused(lab, guest, {
    move: 'live',
    to: 'h2',
    says: /disk vda needs the secret locked, by drover, which h2 lacks: --carry-secrets/,
  });
  await moveLive(lab, guest, 'h2', {}, { isCarryingSecrets: true });
  expect(await valueOn('h2')).toBe('let-me-in-1234');

  await moveLive(lab, guest, 'h1');
  expect(await guest.virsh('h1', 'domstate')).toContain('running');
});

it('another password under that name is told beforehand, and a cold move brings the right one', async () => {
  const guest = await makeLocked(94);
  await setOn('h2', 'another-one-1234');

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /has another value on h2 than on h1/,
  });
  await onHost('h2', 'virsh -q secret-undefine "$1"', PASSWORD);
  await moveCold(lab, guest, 'h2', 'confirm', {}, { isCarryingSecrets: true });

  expect(await valueOn('h2')).toBe('let-me-in-1234');
  await guest.start('h2');
});
