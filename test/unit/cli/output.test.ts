/** What the CLI shows of names that others chose. */
import { jest } from '@jest/globals';
import { printLine, printRows } from '../../../cli/output.js';

const shown = (print: () => void): string => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  print();
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join('');
  write.mockRestore();
  return text;
};

it('a name that would turn its line around, or talk to the terminal, is shown as what it is', () => {
  const name = 'vm\u202e1\u2069\u200f\u061c\u001b[2J';
  const harmless = 'vm\\u202e1\\u2069\\u200f\\u061c\\x1b[2J';

  expect(shown(() => printLine(name))).toBe(`${harmless}\n`);
  expect(shown(() => printRows([{ name }], { name: (row) => row.name }, false, 'none'))).toContain(
    harmless,
  );
});
