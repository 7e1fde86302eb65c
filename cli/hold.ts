/** What a hold says on a terminal: what happened, and the answers that there are. */
import type { Watched } from '../client/migration.js';
import type { Hold } from '../model/progress.js';
import { choicesOf, type HeldAt } from '../model/holds.js';
import { printJson, printLine } from './output.js';

/** The hold, and the commands that answer it. */
export function printHold(held: Watched, isJson: boolean): void {
  const { hold, vm } = held;
  if (!hold) return;
  if (isJson) return printJson({ hold });
  printLine(`\n${vm} waits for you at ${hold.step}: ${hold.message} (${hold.code})`);
  if (hold.hint) printLine(`  ${hold.hint}`);
  printChoices(hold, held);
}

/** Each answer to a hold, with what follows from it. */
export function printChoices(hold: Hold, at: HeldAt): void {
  for (const { command, does } of choicesOf(hold, at)) printLine(`  ${command}\n      ${does}`);
}
