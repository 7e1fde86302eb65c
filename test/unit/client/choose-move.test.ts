/** Live or cold: a dry run and the move choose by the same rule. */
import { chooseMove, type MoveKind } from '../../../client/choose-move.js';
import { MigrationError } from '../../../client/failure.js';
import { judgedLines } from '../../../client/judged.js';
import type { MigrationReport } from '../../../model/report.js';
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

const report = (target: string): MigrationReport => ({
  outcome: 'planned',
  vm: 'web1',
  uuid: '',
  source: 'h1',
  target,
  targetReason: '',
  disks: [],
});
/** Checks of the other move that let it through. */
const look = () => Promise.resolve(report('h2'));

it('a guest that can move live moves live', async () => {
  const { tried, attempt } = attempts();

  expect(await chooseMove('auto', attempt, look)).toMatchObject({ move: 'live', result: 'live' });
  expect(tried).toEqual(['live']);
});

it('a guest that does not run moves cold, and why is said', async () => {
  const { attempt } = attempts('GUEST_NOT_RUNNING');

  expect(await chooseMove('auto', attempt, look)).toMatchObject({
    move: 'cold',
    rejected: [{ move: 'live', reason: 'not so' }],
  });
});

it('a running guest that cannot move live is never powered off for it: not by a dry run either', async () => {
  const { tried, attempt } = attempts('TARGET_UNSUITABLE');

  await expect(chooseMove('auto', attempt, look)).rejects.toMatchObject({
    code: 'TARGET_UNSUITABLE',
  });
  expect(tried).toEqual(['live']);
});

describe('who is refused one kind of move is told of both', () => {
  const listing = (...objections: string[]) =>
    new MigrationError(
      new CodedError('DEFINITION_UNSUPPORTED', `web1 cannot move: ${objections.join('; ')}`, {
        hint: 'Each reason says what you can do about it.',
        facts: { objections },
      }),
      'refused',
      [],
    );
  const linesOf = async (chosen: Promise<unknown>) => {
    const error = await chosen.catch((thrown: unknown) => thrown);
    if (!(error instanceof MigrationError)) throw new Error('it was not refused');
    return judgedLines(error.judged);
  };
  const no = (error: Error) => () => Promise.reject(error);

  it('all reasons of each, apart, if he left the choice to drover', async () => {
    const live = listing('hostdev: detach it', 'snapshot: delete it');
    const cold = listing('hostdev: detach it', 'TPM: stop it');

    expect(await linesOf(chooseMove('auto', no(live), no(cold)))).toEqual([
      'live: refused:',
      '  hostdev: detach it',
      '  snapshot: delete it',
      'cold: refused:',
      '  hostdev: detach it',
      '  TPM: stop it',
    ]);
  });

  it('that it would move cold, and where to', async () => {
    expect(await linesOf(chooseMove('auto', no(listing('hostdev: detach it')), look))).toEqual([
      'live: refused: hostdev: detach it',
      'cold: would move to h2 (--cold)',
    ]);
  });

  it('of the other one in one line, if he insisted on one', async () => {
    const [live, cold] = [listing('a: b', 'c: d'), listing('e: f', 'g: h')];

    expect(await linesOf(chooseMove('live', no(live), no(cold)))).toEqual([
      'live: refused:',
      '  a: b',
      '  c: d',
      'cold: refused: e: f; g: h',
    ]);
  });

  it('that a guest which is off cannot move live either', async () => {
    const refusals = { live: refusal('GUEST_NOT_RUNNING'), cold: listing('a: b', 'c: d') };

    expect(
      await linesOf(chooseMove('auto', (move) => Promise.reject(refusals[move]), look)),
    ).toEqual(['live: refused: not so', 'cold: refused:', '  a: b', '  c: d']);
  });

  it('what keeps the other one from being looked at hides nothing of the refusal', async () => {
    const chosen = chooseMove('auto', no(listing('a: b')), no(new Error('no worker')));

    expect(await linesOf(chosen)).toEqual(['live: refused: a: b', 'cold: not known: no worker']);
  });
});

it.each(['live', 'cold'] as const)('%s is what is tried if it was requested', async (wanted) => {
  const { tried, attempt } = attempts();

  expect((await chooseMove(wanted, attempt, look)).move).toBe(wanted);
  expect(tried).toEqual([wanted]);
});
