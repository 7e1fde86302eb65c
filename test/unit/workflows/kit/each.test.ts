/** The same work for many things. */
import { each } from '../../../../workflows/kit/each.js';

const byName = (atMost: number) => ({ atMost, key: (name: string) => name });

it('is done for each, in their order, and one that fails keeps no other from it', async () => {
  const done = await each(['a', 'b', 'c'], byName(2), (name) =>
    name === 'b' ? Promise.reject(new Error('not b')) : Promise.resolve(name.toUpperCase()),
  );

  expect(done).toEqual([
    { key: 'a', ok: true, value: 'A' },
    { key: 'b', ok: false, error: new Error('not b') },
    { key: 'c', ok: true, value: 'C' },
  ]);
});

it('is never done for more at a time than was said', async () => {
  let open = 0;
  let most = 0;
  const names = Array.from({ length: 20 }, (_, n) => String(n));

  await each(names, byName(3), async () => {
    most = Math.max(most, ++open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
  });

  expect(most).toBe(3);
});

it.each([0, 101])('is not done %s at a time', async (atMost) => {
  await expect(each(['a'], byName(atMost), () => Promise.resolve())).rejects.toThrow('1 to 100');
});

it('is not done for two things of one name', async () => {
  await expect(each(['a', 'a'], byName(1), () => Promise.resolve())).rejects.toThrow('one key');
});
