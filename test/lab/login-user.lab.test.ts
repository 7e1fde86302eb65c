/** drover logs in to the lab's hosts as a user that is not root: what that user may do there, and what it may not. */
import { GUEST } from '../../lab/framework/guest.js';
import { HELPER_PATH } from '../../drivers/ssh/helper.js';
import { runInLab } from '../../lab/observer.js';
import { LAB_USER } from '../../lab/site.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { closeLab, connectLab, moveTo, startMove, type Lab } from '../helpers/lab.js';

jest.setTimeout(60_000);

const { vm } = GUEST.web1;
const asUser = (host: string, line: string) =>
  runInLab(host, ['su', LAB_USER, '-s', '/bin/sh', '-c', line]);

let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
  await moveTo(lab, vm, 'h1');
});
afterAll(() => closeLab(lab));

it.each(['sudo -n id', 'sudo -n sh -c id', `sudo -n ${HELPER_PATH} sh`, 'nft list ruleset'])(
  'it may not: %s',
  async (line) => {
    await expect(asUser('h1', line)).rejects.toThrow();
  },
);

it('it may run drover’s own commands', async () => {
  const shown = await asUser('h1', `sudo -n ${HELPER_PATH} files.existing /etc/shadow /nowhere`);
  expect(shown).toBe('/etc/shadow\n');
});

describe('whose shell greets at every login, and reads a file for that (G44)', () => {
  const change = (script: string) => runInLab('h2', ['sh', '-ec', script]);
  const SHELL = (shell: string) =>
    `sed 's,^\\(drover:.*:\\).*$,\\1${shell},' /etc/passwd >/run/passwd && cat /run/passwd >/etc/passwd`;
  beforeEach(() =>
    change(
      `${SHELL('/bin/bash')}; printf 'echo Welcome to h2; printf "2 users> "\n' >/srv/drover/.bashrc; chown drover: /srv/drover/.bashrc`,
    ),
  );
  afterEach(() => change(`${SHELL('/bin/sh')}; rm -f /srv/drover/.bashrc`));

  it('a guest with a local disk moves there and back', async () => {
    const blk = GUEST.blk1.vm;
    await moveTo(lab, blk, 'h2');
    expect(await hostOf(blk)).toBe('h2');
    await moveTo(lab, blk, 'h1');
  });
});

describe('on a host that was not prepared for this drover', () => {
  const move = (from: string, to: string) =>
    runInLab('h2', ['sh', '-c', `for f in ${from}; do mv "$f" ${to}; done`]);
  beforeEach(() => move('/etc/sudoers.d/drover-*', '/srv/'));
  afterEach(() => move('/srv/drover-*', '/etc/sudoers.d/'));

  it('a migration ends before anything is touched, and says what to do', async () => {
    const start = await leftoversOf(vm);
    const migration = await startMove(lab, vm, 'h2');

    await expect(migration.result()).rejects.toMatchObject({
      code: 'HOST_UNPREPARED',
      hint: expect.stringContaining('drover hosts prepare --user drover') as string,
    });
    expect(await hostOf(vm)).toBe('h1');
    expect(await leftoversOf(vm)).toEqual(start);
  });
});
