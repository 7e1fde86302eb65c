/** How a dry run shows what becomes of a domain's XML. */
import { createTwoFilesPatch } from 'diff';
import type { Route } from '../../model/migration.js';

/** A unified diff, from the source's view to the target's. */
export const xmlDiff = ({ name, source, target }: Route, before: string, after: string): string =>
  createTwoFilesPatch(`${name} on ${source}`, `${name} on ${target}`, before, after, '', '', {
    context: 2,
  });
