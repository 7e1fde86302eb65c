/** `drover migrate`. */
import { Command } from 'commander';
import type { LiveMigrationInput, MigrationReport } from '../api/client.js';
import { LiveMigrationRequest } from '../model/migration.js';
import { config } from '../temporal.config.js';
import { follow, transferText } from './follow.js';
import { printJson, printLine } from './output.js';
import { numberOption, parseArgument } from './parse.js';
import { withDrover } from './session.js';

interface Options {
  readonly to?: string;
  readonly reason: string;
  readonly project?: string;
  readonly as: string;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly hold?: boolean;
  readonly postCopy?: boolean;
  readonly autoConverge?: boolean;
  readonly parallel?: number;
  readonly bandwidth?: number;
  readonly maxDowntime?: number;
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Moves a running VM. */
export const migrateCommand = (): Command =>
  new Command('migrate')
    .description('move a running VM to another host')
    .argument('<vm>', 'its name or UUID')
    .option('--to <host>', 'the target (default: the scheduler chooses)')
    .option('--reason <why>', 'kept with the run, for those who ask later', 'not given')
    .option('--project <name>', 'the project that you act for')
    .option('--as <who>', 'who asks', config.user)
    .option(
      '--dry-run',
      'run the checks only; show steps, exact calls and the difference of the XML',
    )
    .option('--watch', 'follow it to its end (the default)')
    .option('--detach', 'start it, print its id, and leave')
    .option('--hold', 'if a step fails, wait for a person before anything is taken back')
    .option(
      '--post-copy',
      'allow the switch before all memory is there; ends always, but needs the link to hold',
    )
    .option('--auto-converge', 'slow the guest down if it writes faster than the link carries')
    .option('--parallel <n>', 'parallel memory streams', numberOption('--parallel'))
    .option('--bandwidth <MiB/s>', 'limit for memory and disks', numberOption('--bandwidth'))
    .option(
      '--max-downtime <ms>',
      'longest pause at the switchover (default: 300)',
      numberOption('--max-downtime'),
    )
    .option(
      '--timeout <s>',
      'abort the transfer after that long (default: scales with the guest)',
      numberOption('--timeout'),
    )
    .option('--json', 'print JSON: the report on standard output, progress on standard error')
    .addHelpText(
      'after',
      `
Before the switchover Ctrl-C only stops the watching: drover abort VM takes all back.
  $ drover migrate web1 --dry-run
  $ drover migrate web1 --to kvm2 --reason "kernel update on kvm1"
  $ drover migrate db1 --auto-converge --bandwidth 200 --hold`,
    )
    .action(migrate);

async function migrate(vm: string, options: Options): Promise<void> {
  const request = requestOf(vm, options);
  const isJson = options.json ?? false;
  await withDrover(async (drover) => {
    const migration = await drover.startLiveMigration(request);
    if (options.detach)
      return isJson
        ? printJson({ workflowId: migration.workflowId, runId: migration.runId })
        : printLine(migration.workflowId);
    const report = options.dryRun ? await migration.result() : await follow(migration, { isJson });
    if (!report) return;
    if (isJson) printJson(report);
    else printReport(report);
  });
}

function requestOf(vm: string, options: Options): LiveMigrationInput {
  const {
    postCopy = false,
    autoConverge = false,
    parallel,
    bandwidth,
    maxDowntime,
    timeout,
  } = options;
  const request = {
    vm,
    ...(options.to ? { target: options.to } : {}),
    requestedBy: options.as,
    ...(options.project ? { project: options.project } : {}),
    reason: options.reason,
    onFailure: options.hold ? 'hold' : 'rollback',
    mode: options.dryRun ? 'plan' : 'move',
    options: {
      ...{ isPostCopyAllowed: postCopy, isAutoConverge: autoConverge },
      ...(parallel === undefined ? {} : { parallelConnections: parallel }),
      ...(bandwidth === undefined ? {} : { bandwidthMibPerSec: bandwidth }),
      ...(maxDowntime === undefined ? {} : { maxDowntimeMs: maxDowntime }),
      ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    },
  };
  return parseArgument(LiveMigrationRequest, request, 'migrate');
}

function printReport(report: MigrationReport): void {
  const { vm, source, target, targetReason, disks, forecast, plan, transfer } = report;
  if (!plan) {
    printLine(
      `\n${vm} runs on ${target} now.${report.cancelCameTooLate ? ' The abort came after the switchover: the move was finished.' : ''}`,
    );
    if (transfer) printLine(`  ${transferText(transfer)}`);
    return;
  }
  printLine(`${vm}: ${source} -> ${target} (${targetReason})`);
  for (const { device, handling, reason } of disks)
    printLine(`  ${device}: ${handling} (${reason})`);
  printLine(
    `  forecast: ${forecast.verdict}, about ${forecast.expectedSeconds.toFixed(1)} s; ${forecast.explanation}`,
  );
  for (const { name, lines } of plan.steps) {
    printLine(name);
    for (const line of lines) printLine(`    ${line}`);
  }
  printLine(plan.xmlDiff.trimEnd());
}
