/** What every hypervisor promises of a migration's mark. */
import { NOBODY, type OpenedGuest } from './fresh.js';
import { MINE, OTHERS } from './site.js';

/** Declares the tests. */
export function describeMarks(at: OpenedGuest): void {
  const mark = (epoch: number, migrationId = MINE) => ({ migrationId, epoch });
  const read = () => at.near.readMark(at.uuid);

  it('a guest has none, then the newest, then none', async () => {
    expect(await read()).toEqual({});
    await at.near.writeMark(at.uuid, mark(3));
    await at.near.writeMark(at.uuid, mark(4));
    expect(await read()).toEqual({ mark: mark(4) });
    await at.near.writeMark(at.uuid, mark(1, OTHERS));
    expect(await read()).toEqual({ mark: mark(1, OTHERS) });
    await at.near.writeMark(at.uuid, undefined);
    await at.near.writeMark(at.uuid, undefined);
    expect(await read()).toEqual({});
  });

  it('what is not there has none and takes none, without a word', async () => {
    expect(await at.near.readMark(NOBODY)).toBeUndefined();
    await expect(at.near.writeMark(NOBODY, mark(1))).resolves.toBeUndefined();
    await expect(at.near.writeMark(NOBODY, undefined)).resolves.toBeUndefined();
    expect(await at.near.find(NOBODY)).toBeUndefined();
  });

  it('a running guest that ends is still this migration’s, as of its first mark', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    await at.near.writeMark(at.uuid, mark(3));
    await at.near.writeMark(at.uuid, mark(4));
    expect(await read()).toEqual({ mark: mark(4) });
    await at.near.destroy(at.uuid);
    expect(await read()).toEqual({ mark: mark(3) });
  });

  it('a running guest whose mark was removed has none when it ends', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    await at.near.writeMark(at.uuid, mark(3));
    await at.near.writeMark(at.uuid, undefined);
    await at.near.destroy(at.uuid);
    expect(await read()).toEqual({});
  });

  it('a change of the definition leaves the mark where it is', async () => {
    await at.near.writeMark(at.uuid, mark(3));
    await at.near.redefine(at.uuid, (xml) => xml.replace('first', 'second'));
    expect(await read()).toEqual({ mark: mark(3) });
  });
}
