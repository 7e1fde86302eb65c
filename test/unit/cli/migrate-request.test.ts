/** What `drover migrate` makes of its flags. */
import { coldRequestOf, liveRequestOf } from '../../../cli/migrate-request.js';

const as = { as: 'ada' };

it.each([
  { name: '--accept', flags: { accept: ['other-file'] } },
  { name: '--accept with a blank reason', flags: { accept: ['other-file'], reason: ' ' } },
  { name: '--accept with the default', flags: { accept: ['other-file'], reason: 'not given' } },
  { name: '--copy-anyway', flags: { copyAnyway: true } },
  { name: '--discard-saved-state', flags: { discardSavedState: true } },
])('$name without a reason is bad input, and how to give one is said', ({ flags }) => {
  for (const request of [liveRequestOf, coldRequestOf])
    expect(() => request('web1', { ...as, ...flags })).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        hint: expect.stringContaining('--reason WHY') as string,
      }) as Error,
    );
});

it('what is accepted is kept with its reason', () => {
  const flags = { ...as, accept: ['other-file'], reason: 'compared by hand' };

  expect(liveRequestOf('web1', flags)).toMatchObject({
    accept: ['other-file'],
    reason: 'compared by hand',
    requestedBy: 'ada',
  });
});

it('who accepts nothing need not say why', () => {
  expect(liveRequestOf('web1', { ...as, reason: 'not given' })).toMatchObject({ accept: [] });
});
