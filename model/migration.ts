/** What a migration is requested with. */
import { z } from 'zod';
import { CopyChoice } from './copy.js';
import { isUnambiguous, NetworkMap, StorageMap } from './mapping.js';
import { Media } from './media.js';
import { Person } from './person.js';
import { GIVEN_NAME, HostName, VmName, VmUuid } from './ids.js';

/** Limit for memory and disks, in MiB per second, of both kinds of move; without it the link is the limit. */
const bandwidth = z.int().min(1).max(100_000).optional().meta({
  flag: '--bandwidth <MiB/s>',
  help: 'limit for memory and disks',
  unit: 'MiB/s',
  otherwise: 'as fast as the link is',
});

/** How the hypervisor moves the memory. An option with a flag carries it, and its help (model/options.ts). */
export const TransferOptions = z.strictObject({
  /** Allow post-copy: switch first and fetch the remaining pages after it. Ends always, but loses the guest if the link breaks for good. */
  isPostCopyAllowed: z.boolean().default(false).meta({
    flag: '--post-copy',
    help: 'allow the switch before all memory is there; needs the link to hold',
  }),
  /** Slow the guest's CPUs down, step by step, if it dirties memory faster than the link carries it. */
  isAutoConverge: z.boolean().default(false).meta({
    flag: '--auto-converge',
    help: 'slow the guest down if it writes faster than the link carries',
  }),
  /** Parallel memory streams (multifd); 1 is QEMU's single stream. */
  parallelConnections: z
    .int()
    .min(1)
    .max(16)
    .default(1)
    .meta({ flag: '--parallel <n>', help: 'parallel memory streams' }),
  /** Encrypts memory and copied disks by QEMU's TLS, for which both hosts need certificates (docs/hosts.md). */
  isEncrypted: z.boolean().default(false).meta({
    flag: '--tls',
    help: 'encrypt memory and disks by the certificates of the hosts',
  }),
  bandwidthMibPerSec: bandwidth,
  /** Longest pause that the switchover may cost, in milliseconds, if a shorter one does not do. QEMU's own default is 300. */
  maxDowntimeMs: z.int().min(1).max(2_000_000).default(300).meta({
    flag: '--max-downtime <ms>',
    help: 'longest pause, if shorter ones do not do',
    unit: 'ms',
  }),
  /** The limit of the transfer, in seconds; the default scales with memory and disk. */
  timeoutSeconds: z
    .int()
    .min(1)
    .max(7 * 24 * 3600)
    .optional()
    .meta({
      flag: '--timeout <s>',
      help: 'limit of the transfer',
      unit: 's',
      otherwise: 'scales with the guest',
    }),
  /** At the limit: abort, or pause the guest, which lets the transfer end, and run it on the target. */
  onTimeout: z.enum(['abort', 'pause']).default('abort').meta({
    flag: '--on-timeout <what>',
    help: 'at the limit: pause lets the guest stand still until it has arrived',
  }),
});
export type TransferOptions = z.infer<typeof TransferOptions>;

const ONE_EACH = 'one map for each folder, bridge or network';

/** What every migration is asked for with (F1). */
const Request = z.strictObject({
  vm: z.union([VmUuid, VmName], 'a VM is a name without a slash, or a UUID'),
  /** Without a target the scheduler chooses (F4, F5). */
  target: HostName.optional().meta({
    flag: '--to <host>',
    help: 'the target',
    otherwise: 'the scheduler chooses',
  }),
  requestedBy: Person.meta({ flag: '--as <who>', help: 'who asks' }),
  project: z
    .string()
    .regex(GIVEN_NAME, 'a project has letters, digits, dots, dashes and underscores')
    .optional()
    .meta({ flag: '--project <name>', help: 'the project that you act for' }),
  reason: z
    .string()
    .min(1)
    .max(500)
    .meta({ flag: '--reason <why>', help: 'kept with the run, for those who ask later' }),
  /** Objections that the requester takes the responsibility for, by the word that each of them names. */
  accept: z
    .array(z.string().regex(/^[a-z0-9:._/-]{1,200}$/i, 'the word that an objection names'))
    .max(50)
    .default([])
    .meta({
      flag: '--accept <word>',
      help: 'take the responsibility for an objection, by the word that it names (again and again)',
    }),
  /** Folders of the source's, and what they are called on the target: disks in them arrive there. */
  storageMaps: z.array(StorageMap).max(50).refine(isUnambiguous, ONE_EACH).default([]).meta({
    flag: '--map-storage <from=to>',
    help: 'disks in one folder arrive in another: /data/vms=/srv/images; copies are of another format: format:qcow2=format:raw (again and again)',
    otherwise: 'the same folders, or what the target’s --map says',
  }),
  networkMaps: z.array(NetworkMap).max(50).refine(isUnambiguous, ONE_EACH).default([]).meta({
    flag: '--map-network <from=to>',
    help: 'interfaces on one bridge or network arrive on another: br0=br-lan, network:lan=network:office (again and again)',
    otherwise: 'the same bridges and networks, or what the target’s --map says',
  }),
  /** Secrets of its disks that the target lacks come with it: keys of encrypted disks, passwords of volumes, by libvirt's own API. */
  isCarryingSecrets: z.boolean().default(false).meta({
    flag: '--carry-secrets',
    help: 'bring the secrets of its disks that the target lacks',
  }),
  /** CDs and floppies. */
  media: Media.default('bring').meta({
    flag: '--media <what>',
    help: 'CDs and floppies: bring them (unless the target has the same), keep only what the target has, or eject them: empty drives arrive',
  }),
  /** What a failure before the point of no return does: unwind at once, or wait for an operator first. */
  onFailure: z.enum(['rollback', 'hold']).default('rollback'),
  /** `plan` runs the checks only and returns what a move would do. */
  mode: z.enum(['move', 'plan']).default('move'),
});
/** What all runbooks' requests have in common. */
export type Request = z.infer<typeof Request>;

/** What is kept of somebody who gave no reason. */
export const NO_REASON = 'not given';

/**
 * What a person accepts is kept with who and why. Asked before a run begins, not by the schema: a run that has begun without a
 * reason must be able to go on.
 */
export const lacksReason = ({
  accept = [],
  reason,
}: Pick<z.input<typeof Request>, 'accept' | 'reason'>): boolean =>
  accept.length > 0 && ['', NO_REASON].includes(reason.trim());

/** The argument of the workflow `liveMigration`: what the operator, or another service, asks for (F1). */
export const LiveMigrationRequest = Request.extend({
  options: TransferOptions.default(() => TransferOptions.parse({})),
});
export type LiveMigrationRequest = z.infer<typeof LiveMigrationRequest>;
/** The request as a caller writes it, before defaults. */
export type LiveMigrationInput = z.input<typeof LiveMigrationRequest>;

/** How long a cold migration waits for its decision. */
export const WindowSeconds = z
  .int()
  .min(0)
  .max(30 * 24 * 3600)
  .meta({ unit: 's' });

/** The window as the command line takes it: at most one of them is given. */
export const WindowFlags = z.strictObject({
  isConfirmed: z
    .boolean()
    .default(false)
    .meta({ flag: '--confirm', help: 'confirm at once: nothing is kept on the source' }),
  confirmAfterSeconds: WindowSeconds.optional().meta({
    flag: '--confirm-after <s>',
    help: 'confirm unless somebody reverts until then',
    unit: 's',
  }),
  revertAfterSeconds: WindowSeconds.optional().meta({
    flag: '--revert-after <s>',
    help: 'revert unless somebody confirms until then',
    unit: 's',
  }),
});

/** How a cold migration goes about it. */
export const ColdOptions = z.strictObject({
  copy: CopyChoice.default('auto').meta({
    flag: '--copy <way>',
    help: 'nbd: one pass, flattens; scp: the file as it is; auto: keeps backing files',
  }),
  bandwidthMibPerSec: bandwidth,
  /** Copies are encrypted unless the operator trusts the network between the hosts with the disks. */
  isEncrypted: z
    .boolean()
    .default(true)
    .meta({ flag: '--encrypt', help: 'encrypt copies, with a key for each' }),
  isPlain: z.boolean().default(false).meta({
    flag: '--plain',
    help: 'copy without encryption, faster: for a network on which nobody else listens',
  }),
  /** Copies the disks while the guest still runs, and only what it wrote meanwhile after it is off (B1, B3). */
  isWarm: z.boolean().default(false).meta({
    flag: '--warm',
    help: 'copy the disks while it still runs: off only for what it wrote meanwhile',
  }),
  /** How long the guest may take to shut down in order before it is destroyed; 0 destroys it at once. */
  shutdownSeconds: z.int().min(0).max(3600).default(60).meta({
    flag: '--shutdown-timeout <s>',
    help: 'how long it may take to shut down; then it is destroyed',
    unit: 's',
  }),
  /** The window after the start on the target, and what applies when nobody has decided by its end. */
  window: z
    .strictObject({
      seconds: WindowSeconds.default(0),
      then: z.enum(['confirm', 'revert', 'wait']).default('wait'),
    })
    .default({ seconds: 0, then: 'wait' }),
});
export type ColdOptions = z.infer<typeof ColdOptions>;

/** The argument of the workflow `coldMigration`. */
export const ColdMigrationRequest = Request.extend({
  options: ColdOptions.default(() => ColdOptions.parse({})),
});
export type ColdMigrationRequest = z.infer<typeof ColdMigrationRequest>;
/** The request as a caller writes it, before defaults. */
export type ColdMigrationInput = z.input<typeof ColdMigrationRequest>;
