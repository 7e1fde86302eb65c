/** Histories of real runs, replayed through the bundle that production runs: a change that breaks open runs fails here. */
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

const FOLDER = join(__dirname, 'histories');
const FILES = readdirSync(FOLDER);
const WANTED = [
  'cancelled',
  'failed-before-transfer',
  'failed-transfer',
  'held',
  'moved',
  'cold-failed-copy',
  'cold-moved',
  'cold-reverted',
];

const load = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const replay = (text: string) =>
  Worker.runReplayHistory({ workflowBundle: BUNDLE }, historyFromJSON(JSON.parse(text)));

it('there is a history of every way in which a run ends', () => {
  expect(FILES.map((file) => file.replace(/@.*$/, '')).sort()).toEqual(
    expect.arrayContaining(WANTED),
  );
});

it.each(FILES)('%s replays', async (file) => {
  await expect(replay(load(file))).resolves.toBeUndefined();
});

it('a history with another step in it does not replay', async () => {
  const [moved = ''] = FILES.filter((file) => file.startsWith('moved@'));
  const mutated = load(moved).replaceAll(
    '"name": "network.bindTarget"',
    '"name": "network.bindElsewhere"',
  );
  expect(mutated).not.toBe(load(moved));

  await expect(replay(mutated)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
});
