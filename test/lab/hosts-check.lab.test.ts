/** `drover hosts check` on real hosts: what is well is said to be, and what somebody has broken is found and named. */
import type { HostCheck } from '../../model/host-check.js';
import { everydayLab } from '../helpers/everyday.js';
import { droverSays } from '../helpers/lab-cli.js';

const { during } = everydayLab();

/** What a command has printed, and how it has ended. */
async function exitOf(running: Promise<string>): Promise<{ stdout: string; exitCode: number }> {
  try {
    return { stdout: await running, exitCode: 0 };
  } catch (error) {
    const { stdout, code } = error as { stdout: string; code: number };
    return { stdout, exitCode: code };
  }
}

/** The lines that are not well, in one line each, and what drover left as its exit code. */
async function check(...args: string[]): Promise<{ told: string[]; exitCode: number }> {
  const ran = await exitOf(droverSays('hosts', 'check', ...args, '--json'));
  const checks = JSON.parse(ran.stdout) as HostCheck[];
  const wrong = checks.filter(({ verdict, about }) => verdict !== 'ok' && about !== 'KVM');
  const told = wrong.map(
    ({ verdict, where, about, found }) => `${verdict} ${where}, ${about}: ${found}`,
  );
  return { told, exitCode: ran.exitCode };
}

it('finds nothing wrong with two hosts that move guests', async () => {
  expect(await check('h1', '--to', 'h2')).toEqual({ told: [], exitCode: 0 });
  expect(await check('h2', '--to', 'h1')).toEqual({ told: [], exitCode: 0 });
});

it.each<[what: string, host: string, begin: string, end: string, told: RegExp]>([
  [
    'a firewall that drops QEMU’s ports',
    'h2',
    'nft -f - <<E\ntable inet shut { chain in { type filter hook input priority 0; tcp dport 49152-49215 drop; }; }\nE',
    'nft delete table inet shut',
    /^lacks h1 to h2, memory: .* is silent on QEMU’s ports/,
  ],
  [
    'certificates that are not there (S22)',
    'h2',
    'mv /etc/libvirt/pki /etc/libvirt/pki.away',
    'mv /etc/libvirt/pki.away /etc/libvirt/pki',
    /^some h2, certificates: \/etc\/libvirt\/pki lacks ca-cert.pem, server-cert.pem/,
  ],
  [
    'a helper that is not installed',
    'h2',
    'for f in /etc/sudoers.d/drover-*; do mv "$f" /srv/; done',
    'mv /srv/drover-* /etc/sudoers.d/',
    /^lacks h2, ssh: .*may not run/,
  ],
])('%s is told', async (_what, host, begin, end, told) => {
  await during(host, begin, end);

  expect((await check('h1', '--to', 'h2')).told).toContainEqual(expect.stringMatching(told));
});
