/** The flags of `drover migrate` as requests. */
import type { z } from 'zod';
import { CodedError } from '../model/errors.js';
import {
  ColdMigrationRequest,
  ColdOptions,
  lacksReason,
  LiveMigrationRequest,
  NO_REASON,
  TransferOptions,
  WindowFlags,
} from '../model/migration.js';
import { present } from '../model/defined.js';
import { valuesOf, type Flags } from './options.js';
import { parseArgument } from './parse.js';

/** What commander hands over. Named are the flags that are no option of a schema, or that say more than it. */
export interface MigrateFlags extends Flags {
  readonly live?: boolean;
  readonly cold?: boolean;
  readonly warm?: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
  readonly hold?: boolean;
  readonly accept?: string[];
  readonly reason?: string;
  readonly copyAnyway?: boolean;
  readonly discardSavedState?: boolean;
  readonly json?: boolean;
}

/** @throws BAD_INPUT */
export const liveRequestOf = (vm: string, flags: MigrateFlags): LiveMigrationRequest =>
  requestOf(LiveMigrationRequest, vm, flags, valuesOf(TransferOptions, flags));

/** @throws BAD_INPUT */
export const coldRequestOf = (vm: string, flags: MigrateFlags): ColdMigrationRequest =>
  requestOf(ColdMigrationRequest, vm, flags, {
    ...valuesOf(ColdOptions, flags),
    window: windowOf(flags),
  });

const requestOf = <S extends z.ZodObject>(
  schema: S,
  vm: string,
  flags: MigrateFlags,
  options: object,
): z.output<S> => {
  const accept = acceptedBy(flags);
  refuseUnreasoned(flags, accept);
  return parseArgument(schema, {
    ...valuesOf(schema, flags),
    vm,
    accept,
    onFailure: flags.hold ? 'hold' : 'rollback',
    mode: flags.dryRun ? 'plan' : 'move',
    options,
  });
};

/** @throws BAD_INPUT */
function refuseUnreasoned({ reason = NO_REASON }: MigrateFlags, accept: readonly string[]): void {
  if (!lacksReason({ accept: [...accept], reason })) return;
  throw new CodedError(
    'BAD_INPUT',
    `who takes the responsibility for an objection (${accept.join(', ')}) says why`,
    { hint: 'Add --reason WHY: it is kept with the run, beside your name and the words.' },
  );
}

/** Two of the words have a flag of their own, since an operator meets them often. */
const acceptedBy = ({ accept = [], copyAnyway, discardSavedState }: MigrateFlags): string[] => [
  ...accept,
  ...present([
    copyAnyway ? 'other-filesystem' : undefined,
    discardSavedState ? 'managed-save' : undefined,
  ]),
];

function windowOf(flags: MigrateFlags) {
  const given = valuesOf(WindowFlags, flags);
  if (Object.keys(given).length > 1)
    throw new CodedError('BAD_INPUT', 'only one of --confirm, --confirm-after, --revert-after');
  const { isConfirmed, confirmAfterSeconds, revertAfterSeconds } = parseArgument(
    WindowFlags,
    given,
  );
  if (isConfirmed) return { seconds: 0, then: 'confirm' };
  if (confirmAfterSeconds !== undefined) return { seconds: confirmAfterSeconds, then: 'confirm' };
  if (revertAfterSeconds !== undefined) return { seconds: revertAfterSeconds, then: 'revert' };
  return undefined;
}
