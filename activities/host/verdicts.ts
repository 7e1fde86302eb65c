/** What a check of a host says: it is there, it is lacking, or only certain moves need it. */
import type { HostCheck } from '../../model/host-check.js';

/** A check without its place. */
export type Check = Omit<HostCheck, 'where'>;

/** It is as it should be. */
export const ok = (about: string, found: string): Check => ({ about, verdict: 'ok', found });

/** Moves need it, and it is not there. */
export const lacks = (about: string, found: string, mend: string): Check => ({
  about,
  verdict: 'lacks',
  found,
  mend,
});

/** Only certain moves go without it; `found` says which do not. */
export const some = (about: string, found: string, mend: string): Check => ({
  about,
  verdict: 'some',
  found,
  mend,
});
