/** The files of the project as a graph: no file may, by any way round, import itself. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');

const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && ts.sys.fileExists(join(ROOT, file)));

/** Types count: a circle of types is a circle for the reader. */
const importsOf = (file: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(ROOT, file), 'utf8'))
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(file, '..', fileName)).replace(/\.js$/, '.ts'))
    .filter((imported) => FILES.includes(imported));

/** The first way from a file back to itself, for each file that has one; every file is walked once. */
function circlesIn(files: readonly string[], importsFrom: (file: string) => string[]): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of importsFrom(file)) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return circles;
}

test('no file imports itself by any way round', () => {
  expect(FILES.length).toBeGreaterThan(100);
  expect(circlesIn(FILES, importsOf)).toEqual([]);
});

test('a circle is found, and said as a path', () => {
  const graph: Record<string, string[]> = { a: ['b'], b: ['c'], c: ['b'] };
  expect(circlesIn(Object.keys(graph), (file) => graph[file] ?? [])).toEqual(['b -> c -> b']);
});
