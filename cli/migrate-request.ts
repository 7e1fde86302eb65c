/** The options of `drover migrate` as requests. */
import { defined, present } from '../model/defined.js';
import type { z } from 'zod';
import { ColdMigrationRequest, LiveMigrationRequest } from '../model/migration.js';
import { CodedError } from '../model/errors.js';
import { parseArgument } from './parse.js';

/** What commander hands over. */
export interface MigrateOptions {
  readonly to?: string;
  readonly live?: boolean;
  readonly cold?: boolean;
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
  readonly onTimeout?: string;
  readonly tls?: boolean;
  readonly warm?: boolean;
  readonly encrypt?: boolean;
  readonly copy?: string;
  readonly shutdownTimeout?: number;
  readonly confirm?: boolean;
  readonly confirmAfter?: number;
  readonly revertAfter?: number;
  readonly accept?: string[];
  readonly copyAnyway?: boolean;
  readonly discardSavedState?: boolean;
  readonly json?: boolean;
}

/** @throws BAD_INPUT */
export function liveRequestOf(vm: string, options: MigrateOptions): LiveMigrationRequest {
  const { postCopy = false, autoConverge = false, tls = false, bandwidth, parallel } = options;
  return parse(LiveMigrationRequest, vm, options, {
    isPostCopyAllowed: postCopy,
    isAutoConverge: autoConverge,
    isEncrypted: tls,
    parallelConnections: parallel,
    bandwidthMibPerSec: bandwidth,
    maxDowntimeMs: options.maxDowntime,
    timeoutSeconds: options.timeout,
    onTimeout: options.onTimeout,
  });
}

/** @throws BAD_INPUT */
export function coldRequestOf(vm: string, options: MigrateOptions): ColdMigrationRequest {
  const { copy, bandwidth, shutdownTimeout, warm } = options;
  return parse(ColdMigrationRequest, vm, options, {
    copy,
    bandwidthMibPerSec: bandwidth,
    shutdownSeconds: shutdownTimeout,
    isWarm: warm,
    isEncrypted: options.encrypt,
    window: windowOf(options),
  });
}

/** Two of the words have an option of their own, since an operator meets them often. */
const acceptedBy = ({ accept = [], copyAnyway, discardSavedState }: MigrateOptions): string[] => [
  ...accept,
  ...present([
    copyAnyway ? 'other-filesystem' : undefined,
    discardSavedState ? 'managed-save' : undefined,
  ]),
];

function windowOf({ confirm, confirmAfter, revertAfter }: MigrateOptions) {
  const given = [confirm, confirmAfter, revertAfter].filter((value) => value !== undefined);
  if (given.length > 1)
    throw new CodedError('BAD_INPUT', 'only one of --confirm, --confirm-after, --revert-after');
  if (confirm) return { seconds: 0, then: 'confirm' };
  if (confirmAfter !== undefined) return { seconds: confirmAfter, then: 'confirm' };
  if (revertAfter !== undefined) return { seconds: revertAfter, then: 'revert' };
  return undefined;
}

function parse<S extends z.ZodType>(
  schema: S,
  vm: string,
  options: MigrateOptions,
  own: Readonly<Record<string, unknown>>,
): z.output<S> {
  const given = Object.entries(own).filter(([, value]) => value !== undefined);
  const request = {
    vm,
    ...defined({ target: options.to }),
    requestedBy: options.as,
    ...defined({ project: options.project }),
    reason: options.reason,
    accept: acceptedBy(options),
    onFailure: options.hold ? 'hold' : 'rollback',
    mode: options.dryRun ? 'plan' : 'move',
    options: Object.fromEntries(given),
  };
  return parseArgument(schema, request, 'migrate');
}
