/** A step is found by its wire name; and some things have one place only. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { IMPLEMENTATIONS } from '../../activities/index.js';

const ROOT = join(__dirname, '../..');
const NAMES = IMPLEMENTATIONS.map(({ step }) => step.name);

/** `connectTarget` is in `connect-target.ts`. */
const fileOf = (verb: string): string =>
  verb.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

it.each(NAMES)('%s is declared and coded where its name says', (name) => {
  const [subject = '', verb = ''] = name.split('.');
  const declared = join(ROOT, 'workflows/steps', `${subject}.ts`);
  const coded = join(ROOT, 'activities', subject, `${fileOf(verb)}.ts`);

  expect({ declared: existsSync(declared), coded: existsSync(coded) }).toEqual({
    declared: true,
    coded: true,
  });
  expect(readFileSync(declared, 'utf8')).toContain(`name: '${name}'`);
  // A step's file is only a step: what a second one needs has a file of its own.
  expect(readFileSync(coded, 'utf8').match(/^export .*/gm)).toEqual([
    expect.stringMatching(/^export const \w+Activity = implement\(/),
  ]);
});

it('a path is called free in one place only, where the other guests are asked', () => {
  const files = ['activities', 'drivers', 'workers', 'cli', 'client'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(ROOT, folder, name)),
  );
  const calling = files.filter((file) =>
    / as Free(?:Path|Rename)/.test(readFileSync(file, 'utf8')),
  );

  expect(calling.map((file) => relative(ROOT, file))).toEqual(['activities/host/free.ts']);
});

it('what the documents say of tests is there', () => {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const files = ['README.md', 'SECURITY.md', ...docs.map((name) => `docs/${name}`)];
  const named = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return [...text.matchAll(/`(test\/[\w./-]+\.ts)`/g)].map(([, path = '']) => ({ file, path }));
  });

  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ path }) => !existsSync(join(ROOT, path)))).toEqual([]);
});
