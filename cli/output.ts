/** Standard output: tables for people, JSON for programs. */
import Table from 'cli-table3';
import { harmless } from '../model/harmless.js';

/** Prints rows as a table without borders, or as a JSON array. */
export function printRows<T extends object>(
  rows: readonly T[],
  columns: Readonly<Record<string, (row: T) => string>>,
  isJson: boolean,
  ifNone: string,
): void {
  if (isJson) return printJson(rows);
  if (rows.length === 0) return printLine(ifNone);
  const table = new Table({
    head: Object.keys(columns),
    style: { head: [], border: [] },
    chars: NO_BORDERS,
  });
  for (const row of rows)
    table.push(Object.values(columns).map((cell) => cell(row).replaceAll('\t', '\\x09')));
  printLine(table.toString());
}

/** Prints one value as JSON. */
export const printJson = (value: unknown): void => printLine(JSON.stringify(value, null, 2));

/** Prints a line. */
export const printLine = (text: string): void => void process.stdout.write(`${harmless(text)}\n`);

/** `256 MiB`, `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)),
  );
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`;
}

const NO_BORDERS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, '']),
);
