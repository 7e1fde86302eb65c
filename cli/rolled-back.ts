/** What is said at the end of a rollback that a person has chosen: where the guest is now, not only why he was asked. */
import type { Drover } from '../client/drover.js';
import { shellWord } from '../model/shell-word.js';

/** Whose rollback it was. */
export interface RolledBack {
  readonly vm?: string | undefined;
  readonly source?: string | undefined;
}

/** The guest as its source has it now, in words, and what the run had met. */
export async function rolledBackText(
  drover: Pick<Drover, 'discover'>,
  asked: string,
  { vm = asked, source }: RolledBack,
  { why, by }: { readonly why: string; readonly by: string },
): Promise<string> {
  const met = `What the move had met before: ${why}`;
  if (source === undefined) return `${vm} is rolled back. ${met}`;
  const found = await stateOn(drover, { vm, source, by });
  return `${vm} is rolled back. ${found} ${met}`;
}

async function stateOn(
  drover: Pick<Drover, 'discover'>,
  { vm, source, by }: { readonly vm: string; readonly source: string; readonly by: string },
): Promise<string> {
  try {
    const { vms } = await drover.discover(source, by);
    const guest = vms.find(({ name }) => name === vm);
    if (!guest) return `${source} does not list it now: look there (virsh list --all).`;
    const start = guest.state === 'shutoff' ? `; to start it: virsh start ${shellWord(vm)}` : '';
    return `It is on ${source} now, ${guest.state}${start}.`;
  } catch {
    // The answer was taken and has been carried out; only the look at its end did not succeed.
    return `It belongs to ${source} again; how it is there now could not be asked (virsh list --all there).`;
  }
}
