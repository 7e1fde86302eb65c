/** Folders of a host's system, in which no guest has anything. */

const SYSTEM = [
  'etc',
  'root',
  'boot',
  'proc',
  'sys',
  'bin',
  'sbin',
  'lib\\w*',
  'usr',
  'var/(?:spool|cache)',
  'home/[^/]+/\\.[^/]+',
];

/** What lies in one of them, or in one of `more`, which are patterns of paths without the first slash. */
export const inSystemFolder = (...more: readonly string[]): RegExp =>
  new RegExp(`^/(?:${[...SYSTEM, ...more].join('|')})(?:/|$)`);

/** What packages install for guests to read: firmware, ROMs, drivers. */
export const FOR_GUESTS = /^\/usr\/(?:local\/)?share\//;

/** `//` and `/./` lead nowhere else, and a relative path is one below the root, where daemons run. `..` stays: links decide on it. */
export const straightened = (path: string): string =>
  `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
