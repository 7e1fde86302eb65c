/** The declarations themselves: names, facts, undos and code belong together. */
import { inMemoryInventory } from '../../../inventory/in-memory.js';
import type { Deps, Implementation } from '../../../activities/kit/implement.js';
import { present } from '../../../model/defined.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMPLEMENTATIONS } from '../../../activities/index.js';
import { undoOf } from '../../../workflows/kit/step.js';
import { coldMigrationSteps } from '../../../workflows/runbooks/cold-migration.js';
import { liveMigrationSteps } from '../../../workflows/runbooks/live-migration.js';
import { authorise } from '../../../workflows/steps/request.js';
import { createBoard } from '../../../workflows/engine/board.js';

const procedure = readFileSync(join(__dirname, '../../../docs/procedure.md'), 'utf8');

it('every step of the runbook has its code, and no name is used twice', () => {
  const names = IMPLEMENTATIONS.flatMap(({ step }) => [
    step.name,
    ...present([undoOf(step) ? undoOf(step)?.name : undefined]),
  ]);
  expect(new Set(names).size).toBe(names.length);
  for (const { name } of [...liveMigrationSteps, ...coldMigrationSteps])
    expect(names).toContain(name);
});

it.each(IMPLEMENTATIONS.map(({ step }) => [step.name, step] as const))(
  '%s names facts that the procedure has, and errors that exist',
  (_name, step) => {
    for (const fact of step.facts) expect(procedure).toMatch(new RegExp(`^- ${fact} `, 'm'));
    expect(step.doc).toMatch(/\.$/);
  },
);

it('every fact of the two procedures is some step’s', () => {
  const covered = new Set(IMPLEMENTATIONS.flatMap(({ step }) => step.facts));
  const wanted = Array.from({ length: 19 }, (_, index) => `F${index + 1}`).concat(
    'L1',
    'L2',
    'L3',
    'L4',
    'L5',
    'K2',
    'K3',
    'C1',
    'C2',
    'C3',
    'C4',
  );
  expect(wanted.filter((fact) => ![...covered].some((known) => known === fact))).toEqual([]);
});

it.each([
  { steps: liveMigrationSteps, at: 'guest.locate' },
  { steps: coldMigrationSteps, at: 'guest.confirm' },
])('after the pivot $at every step only goes forward', ({ steps, at }) => {
  const pivot = steps.findIndex(({ undo }) => typeof undo === 'object' && 'pivot' in undo);
  expect(steps[pivot]?.name).toBe(at);
  for (const step of steps.slice(pivot + 1)) expect(step.undo).toHaveProperty('none');
});

it('the live table survives names with bars and line breaks', () => {
  const board = createBoard('liveMigration', liveMigrationSteps, { title: 'vm1', vm: 'vm1' });
  board.record(authorise, 'failed', 'a | b\nc', 5);
  expect(board.markdown()).toContain('a \\| b c');
});

it('the live table shows what would turn the direction of its text', () => {
  const board = createBoard('liveMigration', liveMigrationSteps, { title: 'v\u202em1', vm: 'vm1' });
  board.record(authorise, 'failed', 'a \u2066b\u001b', 5);
  expect(board.markdown()).toContain('**v\\u202em1**');
  expect(board.markdown()).toContain('a \\u2066b\\x1b');
});

/** Nobody asks for it here. */
const NOTHING: Deps = {
  dataCentre: { on: () => Promise.reject(new Error('not asked')), close: () => undefined },
  inventory: inMemoryInventory(),
  policy: () => Promise.reject(new Error('not asked')),
};
/** Steps that no dry run of a move comes by, each with what an operator reads instead. */
const NOT_OF_A_MOVE: Readonly<Record<string, string>> = {
  'fleet.audit': 'drover audit without --repair says what it would repair',
  'groups.store': 'drover groups apply: the file is what is stored',
  'host.discover': 'drover discover changes the inventory alone',
  'host.enforceGroups': 'drover groups apply: the file is what is enforced',
  'host.forget': 'drover hosts remove changes the inventory alone',
  'host.register': 'drover hosts add changes the inventory alone',
  'guest.confirmChanged': 'an answer to a hold, which says what it does (model/holds.ts)',
  'guest.settleOnTarget': 'an answer to a hold, which says what it does (model/holds.ts)',
};
const OF_A_MOVE = new Set([...liveMigrationSteps, ...coldMigrationSteps].map(({ name }) => name));
const CHANGING = IMPLEMENTATIONS.filter(
  ({ step: { undo } }) => undo !== 'read-only' && !(typeof undo === 'object' && 'pivot' in undo),
);
const isDescribed = (implementation: Implementation): boolean =>
  implementation.bind(NOTHING, () => Promise.resolve()).describe instanceof Function;

it.each(CHANGING.map((implementation) => [implementation.step.name, implementation] as const))(
  '%s says in a dry run what it would do',
  (name, implementation) => {
    if (OF_A_MOVE.has(name)) expect(NOT_OF_A_MOVE).not.toHaveProperty([name]);
    if (!(name in NOT_OF_A_MOVE)) expect(isDescribed(implementation)).toBe(true);
  },
);
