/** Rows: what the guest boots with. */
import type { Element } from '@xmldom/xmldom';
import { nameFirmware } from '../older.js';
import { attributeOf, first } from '../xml/document.js';
import { handedOver, WITH_DATA_STORE } from './disks.js';
import { isVariables } from '../../model/storage.js';
import { carried, refused, refusedIf, rewritten, travels } from './fate.js';
import { attribute, needsOfPath, ownText, readsOfSystem, writesIntoSystem } from './needing.js';
import { below, rows, type Row } from './rows.js';

const nvram = rewritten(
  'carried: live by QEMU, cold as a file that is compared; on another path where one is given',
  (element, { disks = [] }) => {
    const to = disks.find(isVariables)?.target;
    if (to?.kind !== 'file') return [];
    const source = first(element, 'source');
    if (source) source.setAttribute('file', to.path);
    else element.textContent = to.path;
    return [`disk nvram: ${to.path}`];
  },
);

const variablesOf = (element: Element): string =>
  attributeOf(element, 'source', 'file') || ownText(element);

const notAFile = refusedIf('where the variables are kept elsewhere than in a file', (element) =>
  (element.getAttribute('type') ?? 'file') === 'file'
    ? []
    : [
        {
          about: 'nvram',
          why: `is kept on a ${element.getAttribute('type') ?? ''}, which drover cannot move yet`,
          wayOut: 'keep the variables in a file',
        },
      ],
);

const autoselected = rewritten(
  'where libvirt is older than 10: the firmware that was found is named, and not asked for again',
  (os, { targetLibvirt }) => nameFirmware(os, targetLibvirt),
);

/** Firmware, kernels, boot order. */
export const FIRMWARE: readonly Row[] = [
  ...rows('os(type firmware(feature) boot bootmenu smbios bios cmdline acpi)', travels),
  ...rows('os', autoselected),
  ...rows(
    'os/loader',
    needsOfPath('file', 'firmware of that name, which is the target’s own', ownText),
  ),
  ...rows(
    'os/loader',
    needsOfPath('appended file', 'no other guest’s file, where it is written to', (loader) =>
      loader.getAttribute('readonly') === 'no' ? ownText(loader) : null,
    ),
  ),
  ...rows(
    'os/kernel os/initrd os/dtb os/shim os/acpi/table',
    needsOfPath('same file', 'the same file, by checksum', ownText),
  ),
  ...rows('os/nvram', nvram),
  ...rows('os/nvram', notAFile),
  ...rows('os/nvram', writesIntoSystem(variablesOf)),
  ...rows('os/nvram', readsOfSystem(attribute('template'))),
  ...rows('os/nvram', needsOfPath('place', 'no folder of the system at its path', variablesOf)),
  ...rows(
    'os/nvram',
    needsOfPath('template', 'no file of the system as its template', attribute('template')),
  ),
  ...rows('os/nvram/source', carried('see nvram')),
  ...rows('os/nvram/source', handedOver),
  ...below('os/nvram/source', WITH_DATA_STORE),
  ...rows(
    'os/init os/initarg os/initdir os/initenv os/initgroup os/inituser os/root',
    refused('belongs to containers', 'take it out of the definition (virsh edit)'),
  ),
];
