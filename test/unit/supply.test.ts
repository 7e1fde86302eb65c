/** What comes from elsewhere (S26): each package by exact version and hash, and none runs code when it is installed. */
import { readFileSync } from 'node:fs';

interface Locked {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}
const read = (file: string) => readFileSync(file, 'utf8');
const own = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;
const locked = (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> })
  .packages;

it('every package is asked for by its exact version (S26)', () => {
  const asked = Object.entries({ ...own.dependencies, ...own.devDependencies });

  expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  expect(asked.length).toBeGreaterThan(10);
});

it('every package that is installed has a hash (S26)', () => {
  const foreign = Object.entries(locked).filter(([path]) => path !== '');

  expect(foreign.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  expect(foreign.length).toBeGreaterThan(100);
});

it('the set-up lets no package run code of its own (S26)', () => {
  const installs = [...read('scripts/setup').matchAll(/\bnpm (?:ci|install) .*/g)].map(String);

  expect(installs.length).toBeGreaterThan(1);
  expect(installs.filter((line) => !line.includes('--ignore-scripts'))).toEqual([]);
});
