/** What an operator is told before a decision. */
import { choicesOf } from '../../../model/holds.js';
import type { Hold } from '../../../model/progress.js';

const AT = { vm: 'web1', source: 'kvm1', target: 'kvm2' };
const hold = (more: Partial<Hold>): Hold => ({
  step: 'source.destroy',
  kind: 'forward-failed',
  code: 'COMMAND_FAILED',
  message: 'm',
  hint: 'h',
  choices: ['retry', 'skip'],
  ...more,
});

it('says of a skip that its work is left to the operator, and wants a reason', () => {
  const [, skip] = choicesOf(hold({}), AT);
  expect(skip).toMatchObject({ command: 'drover skip web1 --reason "…"' });
  expect(skip?.does).toContain('leaves out source.destroy');
});

it('says of a skipped undo that something stays', () => {
  const [, skip] = choicesOf(hold({ kind: 'undo-failed' }), AT);
  expect(skip?.does).toContain('stays as it is now');
});

it('says of forward what it ends, where, and when it is refused', () => {
  const choices = choicesOf(
    hold({ kind: 'undecided', choices: ['retry', 'forward', 'rollback'] }),
    AT,
  );
  expect(choices[0]?.does).toContain('kvm1 and kvm2');
  expect(choices[1]?.does).toMatch(/paused copy on kvm1.*refused while the guest runs on kvm1/);
  expect(choices[2]?.does).toContain('refuses while the guest is alive there');
});

it('says of revert what is lost', () => {
  const [confirm, revert] = choicesOf(hold({ kind: 'window', choices: ['confirm', 'revert'] }), AT);
  expect(confirm?.does).toContain('no way back');
  expect(revert?.does).toContain('is lost');
});
