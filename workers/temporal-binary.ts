/** Finds Temporal’s binary. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CodedError } from '../model/errors.js';
import type { Config } from '../temporal.config.js';

/** The binary by explicit path, PATH or drover's cache. `scripts/setup` puts it there. */
export function findTemporal({ cacheDir, temporal, path }: Config): string {
  const candidates = temporal.binary
    ? [temporal.binary]
    : [
        ...path
          .split(delimiter)
          .filter(Boolean)
          .map((folder) => join(folder, 'temporal')),
        join(cacheDir, 'temporal'),
      ];
  const found = candidates.find((file) => isExecutable(file));
  if (found) return found;
  throw new CodedError('BAD_CONFIG', 'Temporal’s binary was not found', {
    hint: 'Run scripts/setup once, put `temporal` into PATH, or set DROVER_TEMPORAL or TEMPORAL_ADDRESS.',
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
