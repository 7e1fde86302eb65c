/** The fault matrix: every step times every fault, on the lab. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCase, type Result } from '../lab/faults/case.js';
import { FAULT_NAMES, type FaultName } from '../lab/faults/faults.js';
import { expectedOf, KINDS, type Kind } from '../lab/faults/kinds.js';
import { matrixOf, reportOf } from '../lab/faults/report.js';
import { startFaultSite } from '../lab/faults/site.js';

/** One field of the matrix. */
interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly step: string;
  readonly fault: FaultName;
}

const valuesOf = (name: string): string[] =>
  process.argv.flatMap((word, at) =>
    word === name ? (process.argv[at + 1] ?? '').split(',') : [],
  );
const has = (name: string): boolean => process.argv.includes(name);

/** What the command line asks for; words that mean nothing are said. */
function casesAsked(): Case[] {
  const [runbooks, steps, faults] = ['--runbook', '--step', '--fault'].map(valuesOf) as [
    string[],
    string[],
    string[],
  ];
  const cases = Object.entries(KINDS)
    .filter(([name]) => runbooks.length === 0 || runbooks.includes(name))
    .flatMap(([name, kind]) =>
      kind.steps
        .filter((step) => steps.length === 0 || steps.includes(step))
        .flatMap((step) =>
          FAULT_NAMES.filter((fault) => faults.length === 0 || faults.includes(fault))
            .filter((fault) => expectedOf(kind, step, fault).length > 0)
            .map((fault) => ({ name, kind, step, fault })),
        ),
    );
  if (cases.length > 0) return cases;
  const all = (words: readonly string[]) => words.join(', ');
  throw new Error(
    `no such case. Runbooks: ${all(Object.keys(KINDS))}. Faults: ${all(FAULT_NAMES)}.`,
  );
}

async function main(): Promise<void> {
  const cases = casesAsked();
  const site = await startFaultSite();
  const results: Result[] = [];
  try {
    for (const [index, { name, kind, step, fault }] of cases.entries()) {
      const result = await runCase(site, name, kind, step, fault);
      results.push(result);
      const verdict = result.faults.length === 0 ? 'ok' : `WRONG: ${result.faults.join('; ')}`;
      process.stderr.write(
        `${index + 1}/${cases.length} ${name} ${step}, ${fault}: ${result.ending}${result.hold ? ` (held at ${result.hold})` : ''}, ${result.seconds.toFixed(1)} s, ${verdict}\n`,
      );
    }
  } finally {
    await site.stop();
  }
  console.log(has('--json') ? JSON.stringify(results, null, 2) : matrixOf(results));
  if (has('--report'))
    writeFileSync(join(__dirname, '..', '..', 'docs', 'fault-matrix.md'), reportOf(results));
  if (results.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
