/** Definitions that would make a host do what no guest may: by a source that means harm, the target would do it (S6). */
import { hostOf } from '../../../drivers/fake/world.js';
import { HostName } from '../../../model/ids.js';
import { buildSite, migrate, migrateCold } from '../../helpers/fake-migration.js';

const serial = (type: string, source: string) =>
  `<serial type='${type}'>${source}<target port='0'/></serial>`;

it.each<[string, (xml: string) => string, RegExp]>([
  [
    'QEMU as root',
    (xml) =>
      xml.replace(
        '</domain>',
        `<seclabel type='static' model='dac' relabel='no'><label>+0:+0</label></seclabel></domain>`,
      ),
    /seclabel dac has QEMU run under a label of its own/,
  ],
  [
    'QEMU in a domain of SELinux’s of its own choice',
    (xml) =>
      xml.replace(
        '</domain>',
        `<seclabel type='dynamic' model='selinux' relabel='yes'><baselabel>system_u:system_r:unconfined_t:s0</baselabel></seclabel></domain>`,
      ),
    /seclabel selinux has QEMU run under a label of its own .*, on system_u:system_r:unconfined_t:s0/,
  ],
  [
    'a file of its own for QEMU',
    (xml) => xml.replace('/usr/bin/qemu-system-x86_64', '/var/lib/libvirt/images/vm1/run'),
    /emulator \/var\/lib\/libvirt\/images\/vm1\/run is no QEMU by its name/,
  ],
  [
    'arguments past libvirt',
    (xml) =>
      xml.replace(
        '</domain>',
        `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-chardev'/><qemu:arg value='file,id=x,path=/etc/cron.d/x'/></qemu:commandline></domain>`,
      ),
    /qemu:commandline -chardev.* cannot be checked/,
  ],
  [
    'a path in JSON, spelled without a slash,',
    (xml) =>
      xml.replace(
        '</domain>',
        `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-object'/><qemu:arg value='{"qom-type":"memory-backend-file","mem-path":"\\u002fsrv\\u002fdisk.raw"}'/></qemu:commandline></domain>`,
      ),
    /qemu:commandline -object \/srv\/disk\.raw cannot be checked/,
  ],
  [
    'JSON that only QEMU can read',
    (xml) =>
      xml.replace(
        '</domain>',
        `<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-object'/><qemu:arg value='{&apos;mem-path&apos;:"\\u002fsrv"}'/></qemu:commandline></domain>`,
      ),
    /qemu:commandline -object cannot be checked/,
  ],
  [
    'a console into cron',
    (xml) =>
      xml.replace('</devices>', `${serial('file', "<source path='/etc/cron.d/x'/>")}</devices>`),
    /would be written to \/etc\/cron\.d\/x, a folder of the system/,
  ],
  [
    'a log into a start script',
    (xml) =>
      xml.replace('</devices>', `${serial('pty', "<log file='/usr/local/sbin/x'/>")}</devices>`),
    /would be written to \/usr\/local\/sbin\/x, a folder of the system/,
  ],
  [
    'a program for its interface',
    (xml) =>
      xml.replace('</interface>', `<script path='/var/lib/libvirt/images/t/ev.raw'/></interface>`),
    /script \/var\/lib\/libvirt\/images\/t\/ev\.raw is a program that the host runs as root/,
  ],
  [
    'an emulator among disks that is called as one',
    (xml) => xml.replace('/usr/bin/qemu-system-x86_64', '/var/lib/libvirt/images/vm1/qemu'),
    /is \/var\/lib\/libvirt\/images\/vm1\/qemu, where no host has its programs/,
  ],
  [
    'a secret of the system as its kernel',
    (xml) => xml.replace('</type>', '</type><kernel>/etc/shadow</kernel>'),
    /os\/kernel is \/etc\/shadow, a file of the system that the guest would read/,
  ],
  [
    'a kernel through ..',
    (xml) => xml.replace('</type>', '</type><kernel>/srv/images/../../root/x</kernel>'),
    /os\/kernel is \/srv\/images\/\.\.\/\.\.\/root\/x, which leads through \.\./,
  ],
  [
    'a secret of the system as a ROM',
    (xml) => xml.replace('</interface>', `<rom file='/root/.ssh/id_ed25519'/></interface>`),
    /is \/root\/\.ssh\/id_ed25519, a file of the system that the guest would read/,
  ],
  [
    'a secret of the system as entropy',
    (xml) =>
      xml.replace(
        '</devices>',
        `<rng model='virtio'><backend model='random'>/etc/shadow</backend></rng></devices>`,
      ),
    /is \/etc\/shadow, a file of the system that the guest would read/,
  ],
  [
    'variables out of their folder, made from a secret',
    (xml) =>
      xml.replace(
        '</type>',
        `</type><nvram template='/root/secret'>/var/lib/libvirt/qemu/nvram/../../../../../root/nv</nvram>`,
      ),
    /nvram would be written to \S+root\/nv, a folder of the system, or through \.\..*would be filled from \/root\/secret/s,
  ],
  [
    'variables in a folder of the system by another spelling',
    (xml) => xml.replace('</type>', '</type><nvram>//root/nvpwn</nvram>'),
    /nvram would be written to \/root\/nvpwn, a folder of the system/,
  ],
  [
    'variables from a secret by another spelling',
    (xml) =>
      xml.replace(
        '</type>',
        `</type><nvram template='/./root//secret'>/var/lib/libvirt/qemu/nvram/x.fd</nvram>`,
      ),
    /nvram would be filled from \/root\/secret, a file of the system/,
  ],
  [
    'variables from a secret behind a link of the target',
    (xml) =>
      xml.replace(
        '</type>',
        `</type><nvram template='/srv/lnk/secret'>/var/lib/libvirt/qemu/nvram/x.fd</nvram>`,
      ),
    /nvram is \/srv\/lnk\/secret, which is \/root\/secret on h2, a file of the system.*--accept system-file/,
  ],
  [
    'variables behind a link of the target',
    (xml) => xml.replace('</type>', '</type><nvram>/srv/lnk/nv.fd</nvram>'),
    /nvram would be made in \/srv\/lnk\/nv\.fd, which is \/root\/nv\.fd on h2, a folder of the system/,
  ],
  [
    'a console’s socket in cron',
    (xml) => xml.replace('</devices>', `<graphics type='vnc' socket='/etc/cron.d/vnc'/></devices>`),
    /would be made in \/etc\/cron\.d, a folder of the system/,
  ],
])('a definition with %s does not move', async (_what, change, says) => {
  const site = await buildSite(['local']);
  const [guest] = hostOf(site.world, HostName.parse('h1')).guests.values();
  if (!guest) throw new Error('h1 has no guest');
  guest.xml = change(guest.xml);
  guest.definition = change(guest.definition);
  const [source, target] = ['h1', 'h2'].map(
    (name) => hostOf(site.world, HostName.parse(name)).files,
  );
  target?.set('/srv/lnk', { content: '', isFolder: false, linkTo: '/root' });
  source?.set('/srv/lnk', { content: '', isFolder: true });
  target?.set('//root', { content: '', isFolder: true });
  for (const path of ['/var/lib/libvirt/qemu/nvram/x.fd', '//root/nvpwn', '/srv/lnk/nv.fd'])
    source?.set(path, { content: 'variables', isFolder: false });
  const before = await site.picture();

  for (const { outcome } of [await migrate(site), await migrateCold(site)])
    expect(outcome).toMatchObject({
      kind: 'unwound',
      failure: {
        code: 'DEFINITION_UNSUPPORTED',
        message: expect.stringMatching(says) as string,
      },
    });
  expect(await site.picture()).toEqual(before);
});
