/** New code meets old runs: a migration ends on the build that began it. */
import { connectDrover, type Drover } from '../../client/drover.js';
import { createActivities } from '../../activities/index.js';
import type { Activity } from '../../activities/kit/activities.js';
import { createWorker, type RunningWorker } from '../../workers/worker.js';
import { makeCurrent } from '../../workers/versioning.js';
import { buildSite, type FakeSite } from '../helpers/fake-migration.js';
import { BUNDLE } from '../helpers/workflow-site.js';

jest.setTimeout(90_000);

const address = process.env['DROVER_TEST_TEMPORAL'] ?? '';
const temporal = { address, namespace: 'default', taskQueue: 'test-versioning' };
const ASKED = { vm: 'vm1', requestedBy: 'test', reason: 'test' };

interface Build {
  /** The steps that this build has run. */
  readonly ran: string[];
  readonly running: RunningWorker;
  readonly ended: Promise<void>;
}

let site: FakeSite;
let drover: Drover;
const builds: Build[] = [];
beforeAll(async () => {
  site = await buildSite(['shared']);
  drover = await connectDrover({ address, taskQueue: temporal.taskQueue });
});
afterAll(async () => {
  for (const { running, ended } of builds) {
    running.worker.shutdown();
    await ended;
    await running.close();
  }
  await drover.close();
});

/** A worker of that build, which new migrations begin on; `before` comes before each step. */
async function startBuild(
  buildId: string,
  before: (step: string) => Promise<void> = async () => undefined,
): Promise<Build> {
  const ran: string[] = [];
  const watched =
    (name: string, activity: Activity): Activity =>
    async (input) => {
      await before(name);
      ran.push(name);
      return activity(input);
    };
  const real = Object.entries(createActivities(site.deps));
  const activities = Object.fromEntries(
    real.map(([name, activity]) => [name, watched(name, activity)]),
  );
  const running = await createWorker({
    temporal,
    deps: site.deps,
    bundle: BUNDLE,
    buildId,
    activities,
  });
  const build = { ran, running, ended: running.worker.run() };
  builds.push(build);
  await makeCurrent(running.connection, temporal.namespace, buildId);
  return build;
}

it('that was begun on one build ends on it, while the next one takes the new ones', async () => {
  let reach: () => void = () => undefined;
  let open: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const first = await startBuild('test-1', async (step) => {
    if (step !== 'disks.prepareTarget') return;
    reach();
    await opened;
  });
  const begun = await drover.startLiveMigration({ ...ASKED, target: 'h2' });
  await reached;

  const second = await startBuild('test-2');
  open();

  expect(await begun.result()).toMatchObject({ outcome: 'moved', target: 'h2' });
  expect(first.ran).toContain('inventory.record');
  expect(second.ran).toEqual([]);

  const next = await drover.startLiveMigration({ ...ASKED, target: 'h3' });
  expect(await next.result()).toMatchObject({ outcome: 'moved', target: 'h3' });
  expect(second.ran).toContain('inventory.record');
});
