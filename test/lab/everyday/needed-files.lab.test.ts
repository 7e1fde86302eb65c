/** Files that a guest's start will need on the target: a kernel, firmware variables, an ISO. Another one of that name is not taken. */
import { onHost } from '../../../lab/everyday.js';
import { everydayLab, expectRefused, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make, during } = everydayLab();

it('a kernel that is another one on the target keeps the guest where it is, unless somebody says so', async () => {
  const kernel = '/srv/kernels/vmlinuz';
  for (const [host, text] of [
    ['h1', 'one'],
    ['h2', 'two'],
  ] as const)
    await during(host, `mkdir -p /srv/kernels && echo ${text} >${kernel}`, 'rm -rf /srv/kernels');
  const guest = await make({ name: 'kern1', number: 79, boot: `<kernel>${kernel}</kernel>` });

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /os\/kernel is \/srv\/kernels\/vmlinuz, which is another file on h2: .*--accept other-file/,
  });
  await onHost('h2', `echo one >${kernel}`);
  await moveCold(lab, guest, 'h2');
});

it('a UEFI guest that has not been started yet has no variables, and moves', async () => {
  const nvram = '/var/lib/libvirt/qemu/nvram/fresh1_VARS.fd';
  const guest = await make({
    name: 'fresh1',
    number: 76,
    boot: `<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>${nvram}</nvram>`,
  });

  await moveCold(lab, guest, 'h2');
  await guest.start('h2');
  expect(await onHost('h2', `ls ${nvram}`)).toContain(nvram);
});

describe('an ISO in a folder that is not shared (G03)', () => {
  const iso = '/var/lib/libvirt/images/iso/tools.iso';
  const drive = `<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${iso}'/><target dev='sda' bus='sata'/><readonly/></disk>`;
  const lay = (host: string, text: string) =>
    during(
      host,
      `mkdir -p "$(dirname ${iso})" && printf %s ${text} >${iso}`,
      `rm -rf "$(dirname ${iso})"`,
    );

  it('is brought, is there for the way back, and for a second guest', async () => {
    await lay('h1', 'drivers');
    await during('h2', 'true', `rm -rf "$(dirname ${iso})"`);
    const guest = await make({ name: 'iso1', number: 86, devices: drive });
    const other = await make({ name: 'iso2', number: 87, devices: drive });

    await moveCold(lab, guest, 'h2');
    expect(await onHost('h2', `cat ${iso}`)).toBe('drivers');
    await moveCold(lab, guest, 'h1');
    await moveCold(lab, other, 'h2');
    expect(await onHost('h1', `cat ${iso}`)).toBe('drivers');
  });

  it('is used if the target has the same, and is still there after a revert', async () => {
    await lay('h1', 'drivers');
    await lay('h2', 'drivers');
    const guest = await make({ name: 'iso3', number: 88, devices: drive });

    await moveCold(lab, guest, 'h2', 'revert');
    expect(await onHost('h2', `cat ${iso}`)).toBe('drivers');
  });

  it('keeps the guest where it is if the target has another of that name', async () => {
    await lay('h1', 'drivers');
    await lay('h2', 'something-else');
    const guest = await make({ name: 'iso4', number: 89, devices: drive });

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: new RegExp(`${iso} is there already, a file`),
    });
  });

  const layEmpty = () => during('h2', 'true', `rm -rf "$(dirname ${iso})"`);
  const inDrive = async (
    guest: { xml(host: string, option?: string): Promise<string> },
    host: string,
  ) => /<disk [^>]*device='cdrom'>.*?<\/disk>/s.exec(await guest.xml(host, '--inactive'))?.[0];

  it('is not brought with --media keep, which says what the target lacks', async () => {
    await lay('h1', 'drivers');
    await layEmpty();
    const guest = await make({ name: 'iso5', number: 90, devices: drive });

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      more: { media: 'keep' },
      says: /disk sda has a medium that h2 lacks: \S+tools\.iso: lay the same there, or say --media bring, or --media eject/,
    });
  });

  it('is ejected with --media eject, cold: the drive arrives empty, and a revert has it again', async () => {
    await lay('h1', 'drivers');
    await layEmpty();
    const guest = await make({ name: 'iso6', number: 91, devices: drive });
    const before = await inDrive(guest, 'h1');

    await moveCold(lab, guest, 'h2', 'revert', {}, { media: 'eject' });
    expect(await inDrive(guest, 'h1')).toBe(before);

    const report = await moveCold(lab, guest, 'h2', 'confirm', {}, { media: 'eject' });
    expect(report.remarks).toContain(`sda arrives empty: ${iso} stays on h1`);
    expect(await inDrive(guest, 'h2')).not.toContain('<source');
    expect(await onHost('h2', `ls ${iso} 2>&1 || :`)).toContain('No such file');
    expect(await onHost('h1', `cat ${iso}`)).toBe('drivers');
  });

  it('is ejected with --media eject, live: the guest runs on with an empty drive', async () => {
    await lay('h1', 'drivers');
    await layEmpty();
    const guest = await make({ name: 'iso7', number: 92, devices: drive });
    await guest.start('h1');

    await moveLive(lab, guest, 'h2', {}, { media: 'eject' });

    expect(await guest.xml('h2')).not.toContain(iso);
    expect(await inDrive(guest, 'h2')).not.toContain('<source');
    expect(await onHost('h2', `virsh domstate ${guest.name}`)).toContain('running');
    expect(await onHost('h1', `cat ${iso}`)).toBe('drivers');
  });
});
