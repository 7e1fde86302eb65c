/** Plays cases on one lab, in a process of its own, so that several labs can be at work: its parent names a case, it says what came of it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { LAB_NUMBER } from '../folder.js';
import { startBy } from '../observer.js';
import { smallStarter } from '../starter.js';
import { runCase, type Case, type Result } from './case.js';
import { startFaultSite, type FaultSite } from './site.js';

/** What the parent hears. */
export type FromHand = { readonly is: 'ready' } | { readonly is: 'result'; readonly of: Result };

const LAB = join(__dirname, '..', '..', '..', 'scripts', 'lab');
const lab = (what: 'up' | 'down') => execFileSync(LAB, [what], { stdio: ['ignore', 2, 2] });
const tell = (message: FromHand) => process.connected && process.send?.(message);

/** A lab as it was: what such an ending has left must not be the next case's trouble. */
async function afresh(site: FaultSite): Promise<FaultSite> {
  await site.stop();
  lab('down');
  lab('up');
  return startFaultSite();
}

async function main(): Promise<void> {
  startBy(smallStarter());
  lab('up');
  let ready = startFaultSite();
  let isPlaying = false;
  const play = async (asked: Case) => {
    const site = await ready;
    isPlaying = true;
    const result = await runCase(site, asked);
    isPlaying = false;
    // A case that was cut short is no result.
    if (!process.connected) return;
    tell({ is: 'result', of: result });
    if (result.isLabSpent) await (ready = afresh(site));
    tell({ is: 'ready' });
  };
  process.on('message', (asked: Case) => void play(asked).catch(fail));
  // A call that the SDK tries again after its connection was closed fails in a timer, where nobody hears it.
  process.on('uncaughtException', (error) => {
    if (process.connected && error.message !== 'Channel has been shut down') fail(error);
  });
  process.once('disconnect', () => {
    // What a case that was cut short has broken is not healed.
    const isSpent = isPlaying;
    void ready
      .then((site) => site.stop())
      .then(() => (LAB_NUMBER > 1 || isSpent ? lab('down') : undefined))
      .then(() => process.exit(), fail);
  });
  await ready;
  tell({ is: 'ready' });
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
