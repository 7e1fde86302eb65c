/** The demo itself: live migrations per kind of storage, a cold and a warm one and a revert, and what an outside observer saw. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { GUEST, type LabGuest } from '../lab/framework/guest.js';
import { guestState, observe, until } from '../lab/observer.js';
import { connectToSite, startLabSite, type LabSite } from '../lab/site.js';

const SHOWN = [GUEST.web1, GUEST.vol1, GUEST.blk1];
const DROVER = join(__dirname, '..', '..', 'bin', 'drover');

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs a `drover` command, as an operator would, and shows what it prints. */
function drover(site: LabSite, ...argv: string[]): Promise<void> {
  say(`\n$ drover ${argv.join(' ')}`);
  const child = spawn(DROVER, argv, { env: { ...process.env, ...site.env }, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`drover ${argv[0] ?? ''} ended with code ${String(code)}`)),
    );
  });
}

/** The host that a guest is on, and the other one. */
async function endsOf(site: LabSite, vm: string): Promise<{ source: string; target: string }> {
  const client = await connectToSite(site.env);
  const here = await client.discover('h1').finally(() => client.close());
  const isHere = here.vms.some(({ name }) => name === vm);
  return isHere ? { source: 'h1', target: 'h2' } : { source: 'h2', target: 'h1' };
}

const booted = (ip: string) =>
  until(
    () =>
      guestState(ip).then(
        () => true,
        () => false,
      ),
    `${ip} to boot`,
    180_000,
  );

/** Waits for the end of a move that was decided by another command. */
async function ended(site: LabSite, vm: string): Promise<void> {
  const client = await connectToSite(site.env);
  await (await client.migration(vm)).result().finally(() => client.close());
}

/** A cold migration: the same guest, powered off and copied, and then the operator's decision. */
async function showCold(
  site: LabSite,
  title: string,
  options: string[],
  decision: 'confirm' | 'revert',
): Promise<boolean> {
  const guest = GUEST.blk1;
  const { vm, ip } = guest;
  say(`\n=== ${vm}, ${title}`);
  const { source, target } = await endsOf(site, vm);
  await booted(ip);
  await guest.write(100);
  const before = await guest.says();
  await drover(site, 'migrate', vm, '--to', target, '--reason', 'demo', ...options);
  await booted(ip);
  await drover(site, decision, vm, '--reason', 'demo');
  await ended(site, vm);
  await booted(ip);
  const after = await guest.says();
  const at = (await endsOf(site, vm)).source;
  const isThere = at === (decision === 'confirm' ? target : source);
  const areSameDisks = JSON.stringify(after.disks) === JSON.stringify(before.disks);
  say(`  ${vm} runs on ${at}${isThere ? '' : ', WHERE IT SHOULD NOT'}`);
  say(`    checksum of its disk’s data: ${areSameDisks ? 'unchanged' : 'CHANGED'}`);
  return isThere && areSameDisks;
}

async function show(site: LabSite, guest: LabGuest): Promise<boolean> {
  const { vm, ip, storage } = guest;
  say(`\n=== ${vm}, on ${storage}`);
  const { target } = await endsOf(site, vm);
  await guest.write(100);
  const before = await guest.says();
  const watched = await observe(ip);
  await drover(site, 'migrate', vm, '--to', target, '--reason', 'demo');
  const seen = await watched.stop();
  const after = await guest.says();
  const isSameBoot = after.bootId === before.bootId;
  const areSameDisks = JSON.stringify(after.disks) === JSON.stringify(before.disks);
  say('  seen from outside:');
  say(
    `    longest gap of a ping every 10 ms: ${seen.longestGapMs} ms (${seen.lost} of ${seen.pings} lost)`,
  );
  say(
    `    a TCP connection opened before the move: ${seen.hasTcpSurvived ? 'survived, no line lost' : 'BROKE'}`,
  );
  say(`    the guest’s boot id: ${isSameBoot ? `unchanged (${after.bootId})` : 'CHANGED'}`);
  say(
    `    checksum of its disk’s data: ${areSameDisks ? 'unchanged' : 'CHANGED'} (${Object.values(after.disks).join(' ').slice(0, 16)}…)`,
  );
  return seen.hasTcpSurvived && isSameBoot && areSameDisks;
}

async function main(isKept: boolean): Promise<void> {
  say('Starting Temporal, its Web UI, the inventory and a worker (drover up)…');
  const site = await startLabSite(
    isKept
      ? { home: join(process.env['HOME'] ?? '/root', '.drover-demo'), port: 7233, uiPort: 8233 }
      : {},
  );
  let isGood = true;
  try {
    for (const guest of SHOWN) isGood = (await show(site, guest)) && isGood;
    const cold = [
      ['cold: powered off, copied, confirmed', ['--cold'], 'confirm'],
      ['warm: copied while it runs, off only for the rest', ['--warm'], 'confirm'],
      ['cold, and reverted', ['--cold', '--copy', 'scp'], 'revert'],
    ] as const;
    for (const [title, options, decision] of cold)
      isGood = (await showCold(site, title, [...options], decision)) && isGood;
    say(`\nThe Web UI with every step: ${site.uiUrl}/namespaces/default/workflows`);
    if (isKept) await stay(site);
    else say('It ends now; scripts/demo --keep leaves all of it running.');
  } finally {
    await site.stop();
  }
  if (!isGood) throw new Error('a guest did not come through unharmed: see above');
}

/** Stays until Ctrl-C, so that the Web UI and the command line can be tried. */
async function stay({ env }: LabSite): Promise<void> {
  say('It stays up until Ctrl-C. In another terminal:');
  for (const [name, value] of Object.entries(env)) say(`  export ${name}=${value}`);
  say(`  ${DROVER} vms`);
  await new Promise<void>((resolve) =>
    ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, () => resolve())),
  );
}

main(process.argv.includes('--keep')).then(
  () => process.exit(0),
  (error: unknown) => {
    say(`\ndemo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
