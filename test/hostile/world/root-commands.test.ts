/** What drover asks root to do on hosts, read as a whole: commands that no input can turn. */
import { HOST_COMMANDS } from '../../../drivers/hosts/commands.js';

const saying = (pattern: RegExp) =>
  HOST_COMMANDS.filter(({ text }) => pattern.test(text)).map(({ name }) => name);

it('nobody’s authorized_keys is written, or read (S4)', () => {
  expect(saying(/authorized_keys|\.ssh\b/)).toEqual([]);
});

it('nothing is unpacked as root: no archive says what becomes a link, a device or a setuid file (S12)', () => {
  expect(saying(/\b(?:tar|cpio|unzip|bsdtar|pax)\b/)).toEqual([]);
});

it('the patterns find what they are to find', () => {
  expect(/authorized_keys|\.ssh\b/.test('cat "$HOME/.ssh/authorized_keys"')).toBe(true);
  expect(/\b(?:tar|cpio|unzip|bsdtar|pax)\b/.test('tar -xSf -')).toBe(true);
  expect(HOST_COMMANDS.length).toBeGreaterThan(20);
});
