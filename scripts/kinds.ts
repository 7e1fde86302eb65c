/** Kinds by moves on the lab, and docs/kinds.md. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KINDS } from '../lab/kinds/kinds.js';
import { MOVES, type Kind, type MoveName } from '../lab/kinds/kind.js';
import { play, type Played } from '../lab/kinds/play.js';
import { reportOf, type Kept } from '../lab/kinds/report.js';
import { runInLab } from '../lab/observer.js';
import { connectToSite, startLabSite } from '../lab/site.js';

const ROOT = join(__dirname, '..', '..');
const { values: options } = parseArgs({
  options: {
    kind: { type: 'string', multiple: true },
    move: { type: 'string', multiple: true },
    keep: { type: 'string' },
    from: { type: 'string', multiple: true },
    report: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});

/** Those whose name has one of the words in it; all, if none is asked for. */
const asked = <T>(
  all: readonly T[],
  words: readonly string[] | undefined,
  nameOf: (one: T) => string,
) => all.filter((one) => !words || words.some((word) => nameOf(one).includes(word)));

const lineOf = ({ kind, move, ending, says, seconds }: Played): string =>
  `${kind}, ${move}: ${ending}, ${seconds.toFixed(1)} s${says ? `: ${says}` : ''}`;

const versionOn = async (host: string): Promise<string> => {
  const text = await runInLab(host, ['virsh', 'version', '--daemon']);
  const of = (words: RegExp) => words.exec(text)?.[1] ?? '?';
  return `libvirt ${of(/daemon: (\S+)/)}, QEMU ${of(/hypervisor: QEMU (\S+)/)}`;
};

async function main(): Promise<void> {
  if (options.from) return report(options.from.flatMap(keptIn));
  const kinds = asked(KINDS, options.kind, ({ name }) => name);
  const moves = asked(MOVES, options.move, (move) => move);
  if (kinds.length === 0 || moves.length === 0)
    throw new Error(
      `no such kind or move. Kinds: ${KINDS.map(({ name }) => name).join('; ')}. Moves: ${MOVES.join('; ')}.`,
    );
  const results = await playAll(kinds, moves);
  if (options.json) console.log(JSON.stringify(results, null, 2));
  if (options.report) report(results);
  if (results.some(({ ending }) => ending === 'wrong')) process.exitCode = 1;
}

const report = (results: readonly Kept[]): void =>
  writeFileSync(join(ROOT, 'docs', 'kinds.md'), reportOf(KINDS, results));

async function playAll(kinds: readonly Kind[], moves: readonly MoveName[]): Promise<Kept[]> {
  const kept = keptIn(options.keep ?? '');
  const site = await startLabSite();
  const drover = await connectToSite(site.env);
  try {
    const [from, to] = [await versionOn('h1'), await versionOn('h2')];
    const facts = {
      between: from === to ? `Between equal hosts: ${from}` : `From ${from} to ${to}, and back`,
      commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT })
        .toString()
        .trim(),
      date: new Date().toISOString().slice(0, 10),
    };
    for (const [kind, move] of kinds.flatMap((one) => moves.map((each) => [one, each] as const))) {
      const result = { ...(await play(drover, kind, move)), ...facts };
      kept.push(result);
      if (options.keep) appendFileSync(options.keep, `${JSON.stringify(result)}\n`);
      process.stderr.write(`${lineOf(result)}\n`);
    }
  } finally {
    await drover.close();
    await site.stop();
  }
  return kept;
}

/** Results that were kept, a line each. */
const keptIn = (file: string): Kept[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Kept)
    : [];

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
