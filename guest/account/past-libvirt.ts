/** Rows: what libvirt hands to QEMU unread, or keeps about it. */
import type { Element } from '@xmldom/xmldom';
import { all } from '../xml/document.js';
import { pathsIn, textsIn } from '../xml/paths-in.js';
import { carried, refusedIf, travels, type Refusal } from './fate.js';
import { rows, type Row } from './rows.js';

const ACCEPT = 'qemu:commandline';
const unchecked = (about: string): Refusal => ({
  about,
  why: 'cannot be checked',
  wayOut: 'make it a device that libvirt knows',
  accept: ACCEPT,
});

/** Options of QEMU's whose values name no file, as long as there is no slash in them. */
const HARMLESS =
  /^-(?:m|object|machine|M|cpu|smp|global|set|msg|smbios|fw_cfg|boot|rtc|overcommit|accel|append|name|d|nodefaults|no-user-config|no-reboot|no-shutdown)$/;

/** JSON may write a path's slashes as it likes: its texts count as QEMU reads them. What is none for us may be one for QEMU. */
function namesFile(value: string): boolean {
  if (value.includes('/') || /(?:^|,)file=/.test(value)) return true;
  if (!value.startsWith('{')) return false;
  const texts = textsIn(value);
  return texts === undefined || texts.some((text) => text.includes('/'));
}

/** Those that can be told, in words. */
const filesIn = (value: string): string[] =>
  value.startsWith('{') ? pathsIn(value) : (value.match(/(?<=^|[=,:])\/[^,]*/g) ?? []);

/** Nobody can see what these open. The values themselves are not told: they may hold a secret. */
function uncheckedIn(commandline: Element): Refusal[] {
  const values = all(commandline, 'arg').map((arg) => arg.getAttribute('value') ?? '');
  const options = values.reduce<string[][]>((groups, value) => {
    const last = groups.at(-1);
    if (value.startsWith('-') || !last) groups.push([value]);
    else last.push(value);
    return groups;
  }, []);
  const open = options.filter(
    ([option = '', ...rest]) => !HARMLESS.test(option) || rest.some(namesFile),
  );
  const variables = all(commandline, 'env').filter((env) =>
    namesFile(env.getAttribute('value') ?? ''),
  );
  return [
    ...open.map(([option = '', ...rest]) => {
      return unchecked([ACCEPT, option, ...rest.flatMap(filesIn)].join(' '));
    }),
    ...variables.map((env) => unchecked(`${ACCEPT} variable ${env.getAttribute('name') ?? ''}`)),
  ];
}

const overriding = refusedIf(
  'where a value names a file, which cannot be checked; else it travels',
  (property) =>
    namesFile(property.getAttribute('value') ?? '')
      ? [
          {
            ...unchecked(`qemu:override ${property.getAttribute('name') ?? ''}`),
            accept: 'qemu:override',
          },
        ]
      : [],
);

/** QEMU's own. */
export const PAST_LIBVIRT: readonly Row[] = [
  ...rows(
    'commandline',
    refusedIf(
      'where an argument opens something, which cannot be checked; else it travels',
      uncheckedIn,
    ),
  ),
  ...rows('commandline/arg commandline/env', carried('see commandline')),
  ...rows('override(device(frontend)) capabilities(add del) deprecation', travels),
  ...rows('override/device/frontend/property', overriding),
];
