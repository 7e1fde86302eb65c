/** Sealed payloads as workflows and steps see them: what nobody with drover's key has sealed for this place is refused by name where it is read. */
import { CodedError } from './errors.js';

/** How a sealed payload is marked. */
export const SEALED = 'binary/drover-sealed';

/** The metadata that says when a payload was sealed, in milliseconds since 1970; what is sealed with it has no other. */
export const SEALED_AT = 'sealed-at-ms';

const UNSEALED = 'drover: not sealed';

/** The value of such a payload, with the reason. */
export const unsealedValue = (why: string): Record<string, string> => ({ [UNSEALED]: why });

/** Why a value is not to be taken; nothing for one that may be. */
export function whyUnsealed(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const why = (value as Record<string, unknown>)[UNSEALED];
  return typeof why === 'string' ? why : undefined;
}

/** @throws NOT_AUTHORISED for what nobody with drover's key has sealed for this place (S1) */
export function refuseUnsealed(what: string, values: readonly unknown[]): void {
  for (const value of values) {
    const why = whyUnsealed(value);
    if (why !== undefined) throw notAuthorised(what, why);
  }
}

/** A call, or an answer, that did not come from drover. */
export const notAuthorised = (what: string, why: string): CodedError =>
  new CodedError('NOT_AUTHORISED', `${what} is not drover’s: ${why}`, {
    hint: 'Only who has drover’s key (DROVER_CODEC_KEYS) can ask it for something; runs of a release before 0.3 end on workers with DROVER_UNSEALED=take (docs/upgrades.md).',
  });

/** The field of a request that says what it is to begin, by its workflow type. */
export const RUNBOOK = 'runbook';
