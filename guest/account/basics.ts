/** Rows: who the guest is, its clock and its end, and what others have written into its definition. */
import { textOf } from '../xml/document.js';
import { carried, leftOut, refused, refusedIf, removed, travels } from './fate.js';
import { managersOf } from './managers.js';
import { attribute, needsOfPath } from './needing.js';
import { rows, type Row } from './rows.js';

const CONTAINERS = refused(
  'belongs to another hypervisor than QEMU',
  'take it out of the definition (virsh edit): QEMU does not use it',
);

/** Whom QEMU is on its host is the host's choice: a definition that chooses could choose root (S6). */
const ownLabel = refusedIf('where QEMU is not confined as the host does it', (label) => {
  const type = label.getAttribute('type') ?? 'dynamic';
  const relabel = label.getAttribute('relabel') ?? 'yes';
  const base = textOf(label, 'baselabel');
  if (type === 'dynamic' && relabel === 'yes' && base === '') return [];
  return [
    {
      about: `seclabel ${label.getAttribute('model') ?? 'of any model'}`,
      why: `has QEMU run under a label of its own (type ${type}, relabel ${relabel}${base === '' ? '' : `, on ${base}`})`,
      wayOut: 'leave it to the host (virsh edit)',
      accept: 'seclabel',
    },
  ];
});

/** Identity, life cycle, labels. */
export const BASICS: readonly Row[] = [
  ...rows('name uuid genid', travels),
  ...rows('title description', carried('text of the definition')),
  ...rows(
    'metadata',
    refusedIf(
      'where it bears the mark of another manager (Nova, oVirt, KubeVirt, OpenNebula), which would not know; else it travels',
      managersOf,
    ),
  ),
  ...rows('clock(timer(catchup)) pm(suspend-to-mem suspend-to-disk)', travels),
  ...rows('on_poweroff on_reboot on_crash on_lockfailure', travels),
  ...rows('seclabel(label baselabel imagelabel) keywrap(cipher)', travels),
  ...rows('seclabel', ownLabel),
  ...rows('sysinfo(bios system baseBoard chassis oemStrings)', travels),
  ...rows(
    'sysinfo/bios/entry sysinfo/system/entry sysinfo/baseBoard/entry sysinfo/chassis/entry sysinfo/oemStrings/entry',
    carried('text of the definition'),
  ),
  ...rows(
    'sysinfo/entry',
    needsOfPath('same file', 'the file of a fw_cfg entry, by checksum', attribute('file')),
  ),
  ...rows(
    'resource',
    removed('libvirt puts it into the target’s own partition', (element) => {
      const partition = textOf(element, 'partition');
      return partition === '' || partition === '/machine'
        ? []
        : [`resource partition ${partition} dropped: the target’s default takes its place`];
    }),
  ),
  ...rows('resource/partition resource/fibrechannel', leftOut),
  ...rows(
    'perf',
    removed('the target may not have the same events', () => [
      'perf events dropped: the target may not have them',
    ]),
  ),
  ...rows('perf/event', leftOut),
  ...rows(
    'launchSecurity(cbitpos reducedPhysBits policy handle dhCert session guestVisibleWorkarounds idBlock idAuth hostData)',
    refused(
      'encrypts the guest’s memory with keys of this host’s processor',
      'take it out of the definition (virsh edit) if the guest can do without',
      { about: () => 'launchSecurity' },
    ),
  ),
  ...rows(
    'bootloader bootloader_args idmap(uid gid) namespace(sharenet shareipc shareuts) datacenterpath',
    CONTAINERS,
  ),
];
