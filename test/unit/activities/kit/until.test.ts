/** Asking again and again, with a limit. */
import { until } from '../../../../activities/kit/until.js';
import { virtualClock } from '../../../helpers/virtual-clock.js';

const LIMIT = { everyMs: 100, forMs: 1000 };

it('ends with the first answer', async () => {
  const clock = virtualClock();
  let asked = 0;

  const answer = await until(clock, LIMIT, () =>
    Promise.resolve(++asked === 4 ? 'yes' : undefined),
  );

  expect({ answer, atMs: clock.nowMs() }).toEqual({ answer: 'yes', atMs: 300 });
});

it('ends without one at the limit, after a last question', async () => {
  const clock = virtualClock();
  let asked = 0;

  const answer = await until(clock, LIMIT, () => {
    asked += 1;
    return Promise.resolve(undefined);
  });

  expect({ answer, asked, atMs: clock.nowMs() }).toEqual({
    answer: undefined,
    asked: 11,
    atMs: 1000,
  });
});
