/** The options of `drover migrate`, as their schemas describe them. */
import { ColdOptions, LiveMigrationRequest, TransferOptions } from '../../../model/migration.js';
import { helpOf, optionsOf } from '../../../model/options.js';

const ALL = [LiveMigrationRequest, TransferOptions, ColdOptions].flatMap(optionsOf);
const helpOfFlag = (flag: string) =>
  ALL.filter((option) => option.flag.startsWith(flag)).map(helpOf)[0];

it('a number has its range, its unit and its default', () => {
  expect(optionsOf(TransferOptions)).toContainEqual({
    name: 'maxDowntimeMs',
    flag: '--max-downtime <ms>',
    help: 'longest pause, if shorter ones do not do',
    kind: 'number',
    unit: 'ms',
    range: '1 to 2000000',
    otherwise: '300',
  });
});

it.each([
  {
    flag: '--max-downtime',
    says: 'longest pause, if shorter ones do not do (1 to 2000000 ms; default: 300)',
  },
  {
    flag: '--timeout',
    says: 'limit of the transfer (1 to 604800 s; default: scales with the guest)',
  },
  { flag: '--on-timeout', says: /\(abort or pause; default: abort\)$/ },
  { flag: '--copy', says: /\(auto, nbd or scp; default: auto\)$/ },
  { flag: '--warm', says: /^copy the disks while it still runs[^()]*$/ },
  { flag: '--to', says: 'the target (default: the scheduler chooses)' },
])('$flag explains itself', ({ flag, says }) => {
  expect(helpOfFlag(flag)).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
});

it('a flag without a value is a yes or no, and one with a value is not', () => {
  for (const { flag, kind } of ALL)
    expect([flag, kind === 'boolean']).toEqual([flag, !flag.includes('<')]);
});

it('every option says what it does', () => {
  expect(ALL.filter(({ help }) => help === '')).toEqual([]);
});
