/** What is turned while a transfer runs. */
import { firstDowntimeMs, steering } from '../../../../activities/transfer/steer.js';
import type { Hypervisor } from '../../../../drivers/interfaces/hypervisor/hypervisor.js';
import { VmUuid } from '../../../../model/ids.js';
import { TransferOptions } from '../../../../model/migration.js';
import { type TransferProgress } from '../../../../model/progress.js';

const uuid = VmUuid.parse('5f2b6f6e-7d0a-4b52-9d0f-0d2f1c0a0001');
const job = { iteration: 1, remainingBytes: 5 } as TransferProgress;

/** Feeds the passes that QEMU reports, and returns what was turned. */
async function turned(asked: object, passes: readonly number[], isOver = false) {
  const done: (number | 'post-copy')[] = [];
  const act = (what: number | 'post-copy') => {
    if (isOver) return Promise.reject(new Error('no job'));
    done.push(what);
    return Promise.resolve();
  };
  const hypervisor = {
    setMaxDowntime: (_: VmUuid, ms: number) => act(ms),
    startPostCopy: () => act('post-copy'),
    job: () => Promise.resolve(isOver ? undefined : job),
  } as unknown as Hypervisor;
  const steer = steering(hypervisor, uuid, TransferOptions.parse(asked));
  const isSplit: boolean[] = [];
  for (const iteration of passes) isSplit.push(await steer({ ...job, iteration }));
  return { done, isSplit };
}

describe('the downtime that is allowed', () => {
  it('begins at a tenth of the limit', () => {
    expect(firstDowntimeMs(TransferOptions.parse({}))).toBe(30);
    expect(firstDowntimeMs(TransferOptions.parse({ maxDowntimeMs: 1 }))).toBe(1);
  });

  it('doubles with each pass that did not suffice, up to the limit', async () => {
    const { done, isSplit } = await turned({}, [1, 1, 2, 2, 3, 5, 6, 7, 8]);
    expect(done).toEqual([60, 120, 240, 300]);
    expect(isSplit).not.toContain(true);
  });
});

describe('post-copy', () => {
  it('comes once, after a pass with the whole downtime allowed did not suffice', async () => {
    const { done, isSplit } = await turned({ isPostCopyAllowed: true }, [1, 2, 2, 3, 4]);
    expect(done).toEqual([300, 'post-copy']);
    expect(isSplit).toEqual([false, false, false, true, false]);
  });
});

it('a transfer that ends in the very moment is no failure', async () => {
  await expect(turned({ isPostCopyAllowed: true }, [2, 3], true)).resolves.toEqual({
    done: [],
    isSplit: [false, false],
  });
});
