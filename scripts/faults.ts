/** The fault matrix: every step times every fault, on the lab. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Case } from '../lab/faults/case.js';
import { FAULT_NAMES, FAULTS, type RealFault } from '../lab/faults/faults.js';
import { expectedOf, KINDS, SAMPLE } from '../lab/faults/kinds.js';
import { matrixOf, reportOf, type Kept } from '../lab/faults/report.js';
import { playAll } from '../lab/faults/labs.js';
import { mulberry32 } from '../lab/random.js';
import { config } from '../temporal.config.js';
import { findTemporal } from '../workers/temporal-binary.js';
import { wholeNumber } from './options.js';

const ROOT = join(__dirname, '..', '..');
/** So few are not worth another lab. */
const FEW = 40;
/** Most of a case is waiting: two cores are busy with so many, which take 8 GiB of memory. */
const MANY_LABS = 5;
const MANY = { type: 'string', multiple: true } as const;
const ONE = { type: 'string' } as const;
const YES = { type: 'boolean' } as const;

/** What scripts/faults explains; a word that is not among it is an error, and so is a number that is none. */
function asked() {
  const { labs, random, seed, ...rest } = parseArgs({
    options: {
      runbook: MANY,
      step: MANY,
      fault: MANY,
      keep: MANY,
      from: MANY,
      sample: YES,
      report: YES,
      json: YES,
      labs: ONE,
      random: ONE,
      seed: ONE,
    },
  }).values;
  return {
    ...rest,
    labs: wholeNumber('labs', labs),
    minutes: wholeNumber('random', random),
    seed: wholeNumber('seed', seed),
  };
}
type Asked = ReturnType<typeof asked>;

const split = (words: readonly string[] = []): string[] => words.flatMap((word) => word.split(','));

/** The whole matrix, the kinds by turns: a guest boots while another is moved. */
function allCases(): Case[] {
  const byKind = Object.entries(KINDS).map(([name, kind]) =>
    kind.steps.flatMap((step) =>
      FAULT_NAMES.filter((fault) => expectedOf(kind, step, fault).length > 0).map((fault) => ({
        kind: name,
        step,
        fault,
      })),
    ),
  );
  const longest = Math.max(...byKind.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    byKind.flatMap((cases) => cases.slice(at, at + 1)),
  ).flat();
}

/** What the command line asks for; words that mean nothing are said. */
function casesAsked(options: Asked): Case[] {
  if (options.sample) return SAMPLE.map(([kind, step, fault]) => ({ kind, step, fault }));
  const runbooks = split(options.runbook);
  const steps = split(options.step);
  const faults = split(options.fault);
  const isAsked = (words: readonly string[], word: string) =>
    words.length === 0 || words.includes(word);
  const cases = allCases().filter(
    ({ kind, step, fault }) =>
      isAsked(runbooks, kind) && isAsked(steps, step) && isAsked(faults, fault),
  );
  if (cases.length > 0) return cases;
  throw new Error(
    `no such case. Runbooks: ${Object.keys(KINDS).join(', ')}. Faults: ${FAULT_NAMES.join(', ')}.`,
  );
}

/** Two faults at a time, until the time is over. */
function* randomCases(minutes: number, seed: number): Generator<Case> {
  const random = mulberry32(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const seconds = Object.keys(FAULTS).filter(
    (fault) => !/disk full|QEMU/.test(fault),
  ) as RealFault[];
  for (const deadline = Date.now() + minutes * 60_000; Date.now() < deadline;) {
    const [name, kind] = pick(Object.entries(KINDS));
    const step = pick(kind.steps);
    const fault = pick(
      FAULT_NAMES.filter((candidate) => expectedOf(kind, step, candidate).length > 0),
    );
    const also = { fault: pick(seconds), afterMs: Math.floor(random() * 3000) };
    yield { kind: name, step, fault, also };
  }
}

const lineOf = ({ kind, step, fault, also, ending, hold, seconds, faults }: Kept): string =>
  `${kind} ${step}, ${fault}${also ? ` and ${also}` : ''}: ${ending}${hold ? ` (held at ${hold})` : ''}, ${seconds.toFixed(1)} s, ${faults.length === 0 ? 'ok' : `WRONG: ${faults.join('; ')}`}`;

/** Results that were kept (`--keep`), a line each. */
const earlier = (files: readonly string[]): Kept[] =>
  files
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean))
    .map((line) => JSON.parse(line) as Kept);

/** A run that was ended goes on with what is not there yet. */
function* without(cases: Iterable<Case>, known: readonly Kept[]): Generator<Case> {
  const keyOf = ({ kind, step, fault }: Case | Kept) => [kind, step, fault].join();
  const done = new Set(known.map(keyOf));
  for (const asked of cases) if (asked.also || !done.has(keyOf(asked))) yield asked;
}

async function main(): Promise<void> {
  const options = asked();
  if (options.from)
    return tell(
      options.from.map((files) => earlier(split([files]))),
      options,
    );
  const { minutes, seed = Date.now() % 100_000 } = options;
  const cases = minutes ? randomCases(minutes, seed) : casesAsked(options);
  const total = Array.isArray(cases) ? `/${cases.length}` : ` (seed ${seed})`;
  const keep = split(options.keep);
  const results = earlier(keep);
  const few = Array.isArray(cases) && cases.length < FEW;
  const labs = options.labs ?? (few ? 1 : MANY_LABS);
  const commit = firstLine('git', 'rev-parse', '--short', 'HEAD');
  await playAll(without(cases, results), labs, (played) => {
    const result = { ...played, commit };
    results.push(result);
    for (const file of keep) appendFileSync(file, `${JSON.stringify(result)}\n`);
    process.stderr.write(`${results.length}${total} ${lineOf(result)}\n`);
  });
  tell([results], options);
}

const firstLine = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: ROOT }).toString().split('\n')[0] ?? '';

/** What the cases ran on, beside drover. */
const versions = (): string[] => [
  firstLine('libvirtd', '--version'),
  firstLine('qemu-system-x86_64', '--version'),
  firstLine(findTemporal(config), '--version'),
  `Node ${process.version}`,
];

/** The runs in a row; a list of results, or the matrix, is of the last. */
function tell(runs: readonly (readonly Kept[])[], options: Asked): void {
  const last = runs.at(-1) ?? [];
  console.log(options.json ? JSON.stringify(last, null, 2) : matrixOf(last));
  if (options.report)
    writeFileSync(
      join(ROOT, 'docs', 'fault-matrix.md'),
      reportOf(runs, allCases().length, versions()),
    );
  if (runs.flat().some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
