/** A migration's report, and a dry run's, as text. */
import type { MigrationReport } from '../client/drover.js';
import type { PlannedMove } from '../client/choose-move.js';
import { transferText } from './follow.js';
import { printLine, sizeText } from './output.js';

/** How a migration ended well. */
export function printReport(report: MigrationReport): void {
  const { vm, source, target, outcome, transfer, copies, copiedBytes } = report;
  if (outcome === 'reverted') {
    printLine(`\n${vm} is back on ${source}: ${report.targetReason}`);
    for (const remark of report.remarks ?? []) printLine(`  ${remark}`);
    return;
  }
  printLine(
    `\n${vm} ${copies ? 'is' : 'runs'} on ${target} now.${report.cancelCameTooLate ? ' The abort came after the switchover: the move was finished.' : ''}`,
  );
  for (const remark of report.remarks ?? []) printLine(`  ${remark}`);
  for (const kept of report.kept ?? []) printLine(`  kept on ${source}: ${kept}`);
  if (transfer) printLine(`  ${transferText(transfer)}`);
  if (copies && copiedBytes) printLine(`  ${sizeText(copiedBytes)} copied and compared`);
}

/** What would be done, and why nothing else. */
export function printPlanned({ move, why, rejected, report }: PlannedMove): void {
  const { vm, source, target, targetReason, disks, forecast, plan, copies } = report;
  printLine(`${vm}: ${move} migration, ${source} -> ${target} (${targetReason})`);
  printLine(`  ${move}: ${why}`);
  for (const remark of report.remarks ?? []) printLine(`  ${remark}`);
  for (const other of rejected) printLine(`  not ${other.move}: ${other.reason}`);
  for (const { device, handling, reason } of disks) {
    const copy = copies?.find((candidate) => candidate.device === device);
    printLine(`  ${device}: ${handling} (${reason})${copy ? `; ${copy.way}: ${copy.reason}` : ''}`);
  }
  if (forecast)
    printLine(
      `  forecast: ${forecast.verdict}, about ${forecast.expectedSeconds.toFixed(1)} s; ${forecast.explanation}`,
    );
  printParts(report);
  if (plan) printPlan(plan);
}

function printParts({ parts = [] }: MigrationReport): void {
  if (parts.length > 0) printLine('  what becomes of its parts:');
  for (const { part, fate } of parts) printLine(`    ${part}: ${fate}`);
}

function printPlan({ steps, xmlDiff }: NonNullable<MigrationReport['plan']>): void {
  for (const { name, lines } of steps) {
    printLine(name);
    for (const line of lines) printLine(`    ${line}`);
  }
  printLine(xmlDiff.trimEnd());
}
