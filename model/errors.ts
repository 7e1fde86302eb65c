/** Every way in which a step can fail: its code, and the answers to "may it be retried?" and "did it happen?". */

/** What a code tells the runner and the command line. */
export interface ErrorTraits {
  /** May the same call be made again without a person looking? An allow-list: everything else is not retried. */
  readonly retry: boolean;
  /** `unknown`: the effect may have happened although the call failed. */
  readonly effect: 'none' | 'unknown';
  /** A refusal: the migration was turned down by a rule or a check, before anything was touched. */
  readonly isRefusal: boolean;
}

const refused: ErrorTraits = { retry: false, effect: 'none', isRefusal: true };
const failed: ErrorTraits = { retry: false, effect: 'none', isRefusal: false };
const uncertain: ErrorTraits = { retry: false, effect: 'unknown', isRefusal: false };
const again: ErrorTraits = { retry: true, effect: 'none', isRefusal: false };
const againUnknown: ErrorTraits = { retry: true, effect: 'unknown', isRefusal: false };

/** The taxonomy. A new code does not compile before it is classified here. */
export const ERRORS = {
  // Unreachable: the reply is lost, the effect unknown.
  HOST_UNREACHABLE: againUnknown,
  HOST_TIMEOUT: againUnknown,
  IMAGE_STORE_UNREACHABLE: again,
  // Busy: nothing happened, try again.
  DOMAIN_BUSY: again,
  // Undo whose post-condition does not hold yet.
  UNDO_UNVERIFIED: againUnknown,
  // Who is this host? Never retried: somebody must look.
  HOST_KEY_UNKNOWN: failed,
  HOST_KEY_MISMATCH: failed,
  SSH_AUTH_REFUSED: failed,
  // The login user may not do what drover does there.
  HOST_UNPREPARED: failed,
  // Refusals.
  NOT_AUTHORISED: refused,
  VM_UNKNOWN: refused,
  HOST_UNKNOWN: refused,
  GUEST_NOT_RUNNING: refused,
  GUEST_MOVED: refused,
  MIGRATION_OPEN: refused,
  NO_TARGET: refused,
  TARGET_FULL: refused,
  STORAGE_UNSUITABLE: refused,
  TARGET_UNSUITABLE: refused,
  DEFINITION_UNSUPPORTED: refused,
  BAD_INPUT: refused,
  BAD_CONFIG: refused,
  // No answer from the step itself: its time was over, again and again.
  STEP_TIMEOUT: uncertain,
  // Work that failed and did not happen.
  TARGET_STALE: failed,
  TARGET_DISK_FULL: failed,
  BACKING_FILE_MISSING: failed,
  IMAGE_MISSING: failed,
  CHECKSUM_MISMATCH: failed,
  VOLUME_UNREACHABLE: failed,
  BINDING_FAILED: failed,
  SECURITY_GROUP_UNKNOWN: failed,
  RENDERING_CHANGED: failed,
  BAD_ANSWER: uncertain,
  COMMAND_FAILED: uncertain,
  LIBVIRT_FAILED: uncertain,
  // A cold migration.
  GUEST_NOT_OFF: failed,
  SOURCE_STALE: failed,
  FILE_IN_USE: failed,
  SOURCE_DISK_FULL: failed,
  COPY_FAILED: again,
  COPY_DIFFERS: failed,
  REVERTED: failed,
  // The transfer.
  TRANSFER_FAILED: uncertain,
  TRANSFER_ABORTED: uncertain,
  TRANSFER_TIMEOUT: uncertain,
  TRANSFER_STUCK: uncertain,
  // For a person.
  LOCATION_UNDECIDED: uncertain,
  FENCED: failed,
  GUEST_ON_TARGET: uncertain,
  GUEST_NOT_ON_TARGET: uncertain,
  // Everything that is not listed.
  BUG: uncertain,
} as const satisfies Record<string, ErrorTraits>;

/** A code of the taxonomy; also the `type` of the Temporal failure that carries it. */
export type ErrorCode = keyof typeof ERRORS;

/** Codes that any step may raise, since every step talks to hosts. */
export const COMMON_ERRORS: readonly ErrorCode[] = [
  'HOST_UNREACHABLE',
  'HOST_TIMEOUT',
  'HOST_KEY_UNKNOWN',
  'HOST_KEY_MISMATCH',
  'SSH_AUTH_REFUSED',
  'HOST_UNPREPARED',
  'HOST_UNKNOWN',
  'BAD_ANSWER',
  'COMMAND_FAILED',
  'LIBVIRT_FAILED',
  'STEP_TIMEOUT',
  'DOMAIN_BUSY',
  'FENCED',
  'BAD_INPUT',
  'BAD_CONFIG',
  'BUG',
];

/** True if `text` is one of drover's error codes. */
export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

/** The traits of a code. */
export const traitsOf = (code: ErrorCode): ErrorTraits => ERRORS[code];

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

/** True if a host could not be asked: what it would have said is not known. */
export const isAway = (error: unknown): boolean =>
  error instanceof CodedError && ['HOST_UNREACHABLE', 'HOST_TIMEOUT'].includes(error.code);
