/** An error with its code; what each code means is in error-codes.ts. */
import type { ErrorCode } from './error-codes.js';

export * from './error-codes.js';

/** Facts about a failure, for people and machines; never a secret. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What {@link CodedError} carries beside its code and message. */
export interface ErrorDetail {
  /** The next action for the operator. */
  readonly hint?: string;
  readonly facts?: Facts;
  readonly cause?: unknown;
}

/** An error with a code, a message for the operator and a hint for the next action. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly facts: Facts;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, { cause: detail.cause });
    this.name = 'CodedError';
    this.code = code;
    this.hint = detail.hint ?? '';
    this.facts = detail.facts ?? {};
  }
}

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** True if a host is there and drover does not get in: its key, or drover's, is not the right one. */
export const isShutOut = (error: unknown): boolean =>
  error instanceof CodedError &&
  ['HOST_KEY_UNKNOWN', 'HOST_KEY_MISMATCH', 'SSH_AUTH_REFUSED'].includes(error.code);

/** True if a host could not be asked: what it would have said is not known. */
export const isAway = (error: unknown): boolean =>
  error instanceof CodedError && ['HOST_UNREACHABLE', 'HOST_TIMEOUT'].includes(error.code);
