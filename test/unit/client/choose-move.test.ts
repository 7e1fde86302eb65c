/** Live or cold: a dry run and the move choose by the same rule. */
import { chooseMove, type MoveKind } from '../../../client/choose-move.js';
import { MigrationError } from '../../../client/failure.js';
import { CodedError, type ErrorCode } from '../../../model/errors.js';

const refusal = (code: ErrorCode) =>
  new MigrationError(new CodedError(code, 'not so', { hint: 'Do this.' }), 'refused', []);

/** An attempt that refuses to move live for that reason, and what was attempted. */
function attempts(code?: ErrorCode) {
  const tried: MoveKind[] = [];
  const attempt = (move: MoveKind): Promise<string> => {
    tried.push(move);
    return move === 'live' && code ? Promise.reject(refusal(code)) : Promise.resolve(move);
  };
  return { tried, attempt };
}

it('a guest that can move live moves live', async () => {
  const { tried, attempt } = attempts();

  expect(await chooseMove('auto', attempt)).toMatchObject({ move: 'live', result: 'live' });
  expect(tried).toEqual(['live']);
});

it('a guest that does not run moves cold, and why is said', async () => {
  const { attempt } = attempts('GUEST_NOT_RUNNING');

  expect(await chooseMove('auto', attempt)).toMatchObject({
    move: 'cold',
    rejected: [{ move: 'live', reason: 'not so' }],
  });
});

it('a running guest that cannot move live is never powered off for it: not by a dry run either', async () => {
  const { tried, attempt } = attempts('TARGET_UNSUITABLE');

  await expect(chooseMove('auto', attempt)).rejects.toMatchObject({
    code: 'TARGET_UNSUITABLE',
    hint: expect.stringContaining('--cold --dry-run') as string,
  });
  expect(tried).toEqual(['live']);
});

it.each(['live', 'cold'] as const)('%s is what is tried if it was requested', async (wanted) => {
  const { tried, attempt } = attempts();

  expect((await chooseMove(wanted, attempt)).move).toBe(wanted);
  expect(tried).toEqual([wanted]);
});
