/** Looks for traces with find. */
import { MigrationId, type HostPath } from '../../model/ids.js';
import type { HostCommand, HostShell } from '../interfaces/shell.js';
import type { HostTraces, Trace } from '../interfaces/traces.js';
import { CLEAN_UP } from './copy-scripts.js';
import { FIND_ASIDE, FIND_TRACES } from './scripts.js';

const ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Trace by trace: what its line looks like; the first group is the subject or nothing, the last the id. */
const SHAPES: readonly (readonly [Trace['kind'], RegExp])[] = [
  ['probe', new RegExp(`^(.*/\\.drover-probe-(${ID}))$`)],
  ['mark', new RegExp(`^(.*)\\.drover-(${ID})$`)],
  ['last', new RegExp(`^(.*)\\.drover-last-(${ID})$`)],
  ['part', new RegExp(`^(.*\\.part-(${ID})(?:\\.d|\\.[0-9a-f]{6})?)$`)],
  ['rendered', new RegExp(`^(/var/lib/drover/rendered-(${ID}))$`)],
  ['device', new RegExp(`^device (/.*) (${ID})$`)],
  ['copy', new RegExp(`^(/run/drover-copy-(${ID})-[^/]*)$`)],
];

/** The traces of one host. */
export function hostTraces(shell: HostShell): HostTraces {
  const listed = async (command: HostCommand, args: readonly string[]) => [
    ...new Set((await shell.run(command, args)).stdout.split('\0').filter(Boolean)),
  ];
  const find = async (folders: readonly HostPath[]) =>
    (await listed(FIND_TRACES, folders))
      .flatMap((line) => readTrace(line) ?? [])
      .sort((a, b) => depthOf(b) - depthOf(a));
  return {
    find,
    aside: (folders) => listed(FIND_ASIDE, folders),
    async removeCopies(owner) {
      const mine = (await find([])).filter(
        (trace) => trace.kind === 'copy' && trace.owner === owner,
      );
      for (const { subject } of mine) await shell.run(CLEAN_UP, [subject]);
    },
  };
}

/** A line of FIND; `undefined` for a name that only looks like one of drover's. */
export function readTrace(line: string): Trace | undefined {
  for (const [kind, shape] of SHAPES) {
    const [, subject, id] = shape.exec(line) ?? [];
    if (subject && id) return { kind, subject, owner: MigrationId.parse(id) };
  }
  return undefined;
}

/** Files come before their folders: a folder can be removed only when it is empty. */
const depthOf = ({ subject }: Trace): number => subject.split('/').length;
