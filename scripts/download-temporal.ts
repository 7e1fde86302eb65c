/** Tries the SDK's own download of Temporal's server into a folder; fails at once where there is no internet. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

async function main(folder: string): Promise<void> {
  const before = new Set(readdirSync(folder));
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder } },
  });
  await environment.teardown();
  const [fetched] = readdirSync(folder).filter((name) => !before.has(name));
  if (!fetched) throw new Error('the download left no file');
  renameSync(join(folder, fetched), join(folder, 'temporal'));
}

main(process.argv[2] ?? '.').then(
  () => process.exit(0),
  () => process.exit(1),
);
