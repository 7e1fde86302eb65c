/** Live migration of a guest that writes to its memory all the time. */
import { GUEST } from '../../lab/framework/guest.js';
import { guestState } from '../../lab/observer.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { closeLab, connectLab, moveTo, type Lab } from '../helpers/lab.js';

jest.setTimeout(180_000);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
});
afterAll(() => closeLab(lab));
beforeEach(() => moveTo(lab, WRITER.vm, 'h1'));

const WRITER = GUEST.vol1;

describe('a guest that writes to its memory', () => {
  afterEach(() => WRITER.dirty(0));

  it.each([
    { name: 'auto-converge', options: { isAutoConverge: true } },
    { name: 'two streams', options: { parallelConnections: 2 } },
    { name: 'a longer allowed downtime', options: { maxDowntimeMs: 800 } },
  ])('moves with $name', async ({ options }) => {
    await WRITER.dirty(64);

    const report = await moveTo(lab, WRITER.vm, 'h2', options);

    expect(report?.outcome).toBe('moved');
    expect(await hostOf(WRITER.vm)).toBe('h2');
  });

  it('faster than the link carries moves by post-copy', async () => {
    const before = await guestState(WRITER.ip);
    await WRITER.dirty(64);

    const report = await moveTo(lab, WRITER.vm, 'h2', {
      isPostCopyAllowed: true,
      bandwidthMibPerSec: 24,
      maxDowntimeMs: 1,
    });

    expect(report?.transfer?.isPostCopy).toBe(true);
    expect(await hostOf(WRITER.vm)).toBe('h2');
    expect((await guestState(WRITER.ip)).bootId).toBe(before.bootId);
  });

  it('faster than the link carries is paused at the limit if that was asked for, and runs on the target', async () => {
    const before = await guestState(WRITER.ip);
    await WRITER.dirty(64);

    const report = await moveTo(lab, WRITER.vm, 'h2', {
      bandwidthMibPerSec: 32,
      maxDowntimeMs: 1,
      // As long again is what it has once it is paused: time enough for all that it may have written.
      timeoutSeconds: 6,
      onTimeout: 'pause',
    });

    expect(report?.outcome).toBe('moved');
    expect(report?.transfer?.elapsedMs).toBeGreaterThan(6000);
    expect(await hostOf(WRITER.vm)).toBe('h2');
    expect((await guestState(WRITER.ip)).bootId).toBe(before.bootId);
  });

  it.each(['abort', 'pause'] as const)(
    'that cannot arrive in time (%s) is aborted in the end, and runs where it was',
    async (onTimeout) => {
      await WRITER.dirty(64);

      const moving = moveTo(lab, WRITER.vm, 'h2', {
        bandwidthMibPerSec: 2,
        maxDowntimeMs: 1,
        timeoutSeconds: 3,
        onTimeout,
      });

      await expect(moving).rejects.toMatchObject({
        code: 'TRANSFER_TIMEOUT',
        outcome: 'rolled-back',
      });
      expect(await hostOf(WRITER.vm)).toBe('h1');
      expect((await leftoversOf(WRITER.vm)).h2).toEqual({});
    },
  );
});
