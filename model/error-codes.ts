/** Every way in which a step can fail: its code, what it means, may it be retried, and did it happen? docs/errors.md is generated from it. */

/** What a code says to the operator, to the runner and to the command line. */
export interface ErrorTraits {
  /** What the code means, in one sentence. What to do about it is the hint of each error. */
  readonly sentence: string;
  /** May the same call be made again without a person looking? An allow-list: everything else is not retried. */
  readonly retry: boolean;
  /** `unknown`: the effect may have happened although the call failed. */
  readonly effect: 'none' | 'unknown';
  /** A refusal: the migration was turned down by a rule or a check, before anything was touched. */
  readonly isRefusal: boolean;
}

type Kind = (sentence: string) => ErrorTraits;
const kind =
  (traits: Omit<ErrorTraits, 'sentence'>): Kind =>
  (sentence) => ({ sentence, ...traits });

const refused = kind({ retry: false, effect: 'none', isRefusal: true });
const failed = kind({ retry: false, effect: 'none', isRefusal: false });
const uncertain = kind({ retry: false, effect: 'unknown', isRefusal: false });
const again = kind({ retry: true, effect: 'none', isRefusal: false });
const againUnknown = kind({ retry: true, effect: 'unknown', isRefusal: false });

/** The taxonomy. A new code does not compile before it is classified here. */
export const ERRORS = {
  // Unreachable: the reply is lost, the effect unknown.
  HOST_UNREACHABLE: againUnknown(
    'The connection to a host, or to its libvirtd, could not be made or broke before the reply came.',
  ),
  HOST_TIMEOUT: againUnknown('A host did not answer a command in time.'),
  IMAGE_STORE_UNREACHABLE: again('A host could not reach the image store.'),
  INVENTORY_UNREACHABLE: again('The inventory’s database did not answer; no host was asked.'),
  // Busy: nothing happened, try again.
  DOMAIN_BUSY: again('libvirt is busy with another job of this guest.'),
  // Undo whose post-condition does not hold yet.
  UNDO_UNVERIFIED: againUnknown(
    'An undo ran, but what it should have removed is still there, or nobody can say that it is gone.',
  ),
  // Who is this host? Never retried: somebody must look.
  HOST_KEY_UNKNOWN: failed('drover has no record of the ssh host key that a host shows.'),
  HOST_KEY_MISMATCH: failed('A host shows another ssh host key than the one on record.'),
  SSH_AUTH_REFUSED: failed('A host refused the ssh login of drover’s user.'),
  // The login user may not do what drover does there.
  HOST_UNPREPARED: failed('The login user of a host may not run drover’s helper there as root.'),
  // Refusals.
  NOT_AUTHORISED: refused('No role of the policy allows this requester this move.'),
  VM_UNKNOWN: refused('The inventory has no VM of this name or UUID.'),
  HOST_UNKNOWN: refused('The inventory has no host of this name.'),
  RUN_TERMINATED: failed(
    'Somebody has ended the run in Temporal from outside: it could take nothing back.',
  ),
  DEFINITION_CHANGED: refused('The guest’s definition was changed while it was being moved.'),
  RUN_STUCK: failed(
    'The run does not answer: no worker of drover’s runs, or none can go on with its history.',
  ),
  HOST_TWICE: refused('A host is known under another name already.'),
  GUEST_NOT_RUNNING: refused('The guest does not run, and a live migration needs it running.'),
  GUEST_MOVED: refused('The guest is no longer on the host that the migration began from.'),
  MIGRATION_OPEN: refused('Another migration of this VM has not ended yet.'),
  NO_TARGET: refused('No host meets all requirements of this guest.'),
  TARGET_FULL: refused(
    'The target has too little free memory or too few free vCPUs for the guest.',
  ),
  STORAGE_UNSUITABLE: refused('At least one disk of the guest cannot be moved as it is.'),
  TARGET_UNSUITABLE: refused(
    'The target lacks something that the guest needs, or has something that is in its way.',
  ),
  DEFINITION_UNSUPPORTED: refused(
    'The VM’s definition has something that would not survive the move.',
  ),
  BAD_INPUT: refused('The request, or an option of the command, is not valid.'),
  BAD_CONFIG: refused(
    'Something that drover needs to run is missing or not valid: a setting, a key, a file or a server.',
  ),
  // No answer from the step itself: its time was over, again and again.
  STEP_TIMEOUT: uncertain('A step did not end within its time limit, nor did its retries.'),
  // Work that failed and did not happen.
  TARGET_STALE: failed(
    'A file that this migration did not make is already at that path on the target.',
  ),
  TARGET_DISK_FULL: failed('The target’s file system has no room for a file of the guest.'),
  BACKING_FILE_MISSING: failed(
    'A disk’s backing file is neither on the target nor anywhere it could be fetched from.',
  ),
  IMAGE_MISSING: failed('The image store does not have the image.'),
  CHECKSUM_MISMATCH: failed(
    'A file arrived on the target with another checksum than the original’s.',
  ),
  VOLUME_IN_USE: again(
    'Somebody has one of the guest’s volumes open, as the storage itself says: the guest is not started.',
  ),
  VOLUME_UNREACHABLE: failed('A host cannot read one of the guest’s volumes.'),
  BINDING_FAILED: failed('A port of the guest could not be bound on a host.'),
  SECURITY_GROUP_UNKNOWN: failed('A port names a security group that drover does not have.'),
  RENDERING_CHANGED: failed(
    'The definition that drover rendered on the target is not what it wrote there.',
  ),
  BAD_ANSWER: uncertain('An answer, or stored data, is not in the form that drover expects.'),
  TOO_LARGE: failed(
    'A step’s input is larger than Temporal takes: the run would be ended without taking anything back.',
  ),
  COMMAND_FAILED: uncertain('A command on a host ended with an error.'),
  LIBVIRT_FAILED: uncertain('libvirt answered a call with an error.'),
  // A cold migration.
  GUEST_NOT_OFF: failed('The guest is on where it must be off.'),
  SOURCE_STALE: failed(
    'The guest’s files on the source are not as the checks found them, or a name needed there is taken.',
  ),
  FILE_IN_USE: failed('Another guest has begun to use one of the files since the checks.'),
  SOURCE_DISK_FULL: failed('The source’s file system has no room for what the copy needs there.'),
  COPY_FAILED: again('The copy of a disk broke off.'),
  COPY_DIFFERS: failed('A disk’s copy was complete, but differs from the original.'),
  REVERTED: failed(
    'The move was reverted, by a person or by its deadline: the guest is on the source again.',
  ),
  // The transfer.
  TRANSFER_FAILED: uncertain('The transfer ended with an error, or could not begin.'),
  TRANSFER_ABORTED: uncertain('The migration was aborted on request.'),
  TRANSFER_TIMEOUT: uncertain('The transfer reached its time limit and was aborted.'),
  TRANSFER_STUCK: uncertain(
    'The guest’s memory is on both hosts, and its post-copy transfer cannot be resumed.',
  ),
  // For a person.
  LOCATION_UNDECIDED: uncertain('The two hosts’ answers do not tell where the guest is.'),
  FENCED: failed(
    'Another migration, or a later step of this one, has the guest: this call came too late.',
  ),
  GUEST_ON_TARGET: uncertain('The guest is alive on the target, so nothing is taken back there.'),
  GUEST_NOT_ON_TARGET: uncertain(
    'The guest is not alive on the target, or not only there, and this step needs it to be.',
  ),
  // Everything that is not listed.
  BUG: uncertain('drover met a failure that it has no code for.'),
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
  'INVENTORY_UNREACHABLE',
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
