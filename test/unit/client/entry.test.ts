/** What another service gets when it imports `drover/client`. */
import { execFileSync } from 'node:child_process';

const run = (code: string): string[] =>
  execFileSync(process.execPath, ['-e', code], { cwd: __dirname }).toString().trim().split('\n');

it('drover/client has what is needed to start, watch and abort', () => {
  expect(run(`console.log(Object.keys(require('drover/client')).join('\\n'))`)).toEqual(
    expect.arrayContaining(['connectDrover', 'MigrationError', 'workflowIdOf']),
  );
});

it('drover/client pulls in no worker code', () => {
  const loaded = run(
    `require('drover/client'); console.log(Object.keys(require.cache).join('\\n'))`,
  );
  expect(
    loaded.filter((file) =>
      /@temporalio\/(worker|core-bridge)|ssh2|dist\/(drivers|activities|workers)/.test(file),
    ),
  ).toEqual([]);
});
