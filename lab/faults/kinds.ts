/** The runbooks under fault, each with its guest and its request, and what each fault at each step may end in. */
import { defined } from '../../model/defined.js';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { coldMigrationSteps } from '../../workflows/runbooks/cold-migration.js';
import { liveMigrationSteps } from '../../workflows/runbooks/live-migration.js';
import type { Drover } from '../../client/drover.js';
import type { Migration } from '../../client/migration.js';
import { OWN_GUEST } from '../guests.js';
import { runInLab } from '../observer.js';
import type { FaultName } from './faults.js';

/** One row of the matrix's tables. */
export interface Kind {
  readonly vm: string;
  readonly ip: string;
  /** The disk whose records are checked. */
  readonly disk: string;
  readonly steps: readonly string[];
  readonly pivot: string;
  /** The step that lasts: a real fault meets it in its middle. */
  readonly long: string;
  readonly isCopied: boolean;
  /** Its memory is on both hosts in the middle of the step that lasts. */
  readonly isPostCopy: boolean;
  /** What the guest is asked before: to write to its memory, or not to. */
  readonly asks: string;
  /** Makes the guest, if it is none of the lab's four; and what stays of it where it was. */
  readonly make?: () => Promise<void>;
  /** The guest that is on this host is as this kind wants it. */
  readonly fits?: (host: string) => Promise<boolean>;
  readonly staysOn?: (source: string, before: object | undefined) => object;
  /** Done on the target before each of its cases, which may have been the source of the one before. */
  readonly before?: (target: string) => Promise<unknown>;
  /** What it is asked as well for a slow copy to last: data on its disk. */
  readonly asksForSlow?: string;
  /** @param isSlow so that a fault can meet the step that lasts in its middle */
  start(drover: Drover, target: string, isSlow: boolean): Promise<Migration>;
}

/** A target whose disk is small has another file system there. */
const ASKED = { requestedBy: 'faults', reason: 'fault matrix', accept: ['other-filesystem'] };
const names = (steps: readonly { readonly name: string }[]) => steps.map(({ name }) => name);

const live = (vm: string, number: number, isCopied: boolean): Kind => ({
  vm,
  ip: `10.77.0.10${number}`,
  disk: 'vda',
  isCopied,
  isPostCopy: false,
  asks: 'dirty?0',
  steps: names(liveMigrationSteps),
  pivot: 'guest.locate',
  long: 'transfer.run',
  start: (drover, target, isSlow) =>
    drover.startLiveMigration({
      ...ASKED,
      isCarryingSecrets: vm === OWN_GUEST.vm,
      vm,
      target,
      options: isSlow ? { bandwidthMibPerSec: isCopied ? 16 : 24 } : {},
    }),
});
/** A guest that writes to its memory faster than the link carries it. Up to the transfer its move is any other's. */
const postCopy: Kind = {
  ...live('web1', 1, false),
  steps: names(liveMigrationSteps).slice(names(liveMigrationSteps).indexOf('transfer.run')),
  isPostCopy: true,
  asks: 'dirty?64',
  start: (drover, target) =>
    drover.startLiveMigration({
      ...ASKED,
      vm: 'web1',
      target,
      options: { isPostCopyAllowed: true, bandwidthMibPerSec: 24, maxDowntimeMs: 1 },
    }),
};
const cold = (isWarm: boolean): Kind => ({
  vm: 'blk1',
  ip: '10.77.0.103',
  disk: 'vda',
  isCopied: true,
  pivot: 'guest.confirm',
  isPostCopy: false,
  asks: 'dirty?0',
  asksForSlow: 'fill?6',
  long: isWarm ? 'disks.precopy' : 'disks.transfer',
  steps: names(coldMigrationSteps),
  start: (drover, target, isSlow) => startCold(drover, 'blk1', target, isWarm, isSlow),
});
const startCold = (drover: Drover, vm: string, target: string, isWarm: boolean, isSlow: boolean) =>
  drover.startColdMigration({
    ...ASKED,
    isCarryingSecrets: vm === OWN_GUEST.vm,
    vm,
    target,
    options: {
      isWarm,
      shutdownSeconds: 10,
      window: { seconds: 0, then: 'confirm' },
      ...defined({ bandwidthMibPerSec: isSlow ? 2 : undefined }),
    },
  });

/** UEFI variables, a TPM, two disks with a snapshot, a volume with a secret, an ISO, a password, and a neighbour on its backing file. */
const withEverything = (kind: Kind, hasSnapshot: boolean): Kind => ({
  ...kind,
  vm: OWN_GUEST.vm,
  ip: OWN_GUEST.ip,
  make: async () => {
    await ownGuest('make', hasSnapshot ? 'with-snapshot' : 'without-snapshot');
  },
  fits: async (host) => {
    const names = await runInLab(host, ['virsh', '-q', 'snapshot-list', OWN_GUEST.vm, '--name']);
    return (names.trim() !== '') === hasSnapshot;
  },
  // The secret is brought: the target has none, and the source's stays, as others may use it.
  before: (target) =>
    runInLab(target, ['sh', '-c', 'virsh -q secret-undefine "$1" || :', 'sh', OWN_GUEST.secret]),
  staysOn: (source, before) => ({
    files: [...OWN_GUEST.staysOn(source)].sort(),
    belongings: secretsOf(before),
  }),
});
function secretsOf(before: object | undefined): string[] {
  const { belongings = [] } = (before ?? {}) as { belongings?: string[] };
  return belongings.filter((line) => line.startsWith('secret '));
}
const ownCold = (isWarm: boolean): Kind => ({
  ...withEverything(cold(isWarm), true),
  start: (drover, target, isSlow) => startCold(drover, OWN_GUEST.vm, target, isWarm, isSlow),
});
/** libvirt moves no running guest with snapshots. */
const ownLive: Kind = {
  ...withEverything(live(OWN_GUEST.vm, 7, true), false),
  asksForSlow: 'fill?16',
};
async function ownGuest(...args: string[]): Promise<void> {
  await promisify(execFile)(join(__dirname, '..', '..', '..', 'lab', 'everyday-guest.sh'), args);
}
/** It is none of the lab's own: who has asked for it takes it away. */
export const removeOwnGuest = (): Promise<void> => ownGuest('remove');

/** By name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'live-shared': live('web1', 1, false),
  'live-volume': live('vol1', 2, false),
  'live-block': { ...live('blk1', 3, true), asksForSlow: 'fill?16' },
  'live-postcopy': postCopy,
  cold: cold(false),
  warm: cold(true),
  'live-own': ownLive,
  'cold-own': ownCold(false),
  'warm-own': ownCold(true),
};

/** The kind of that name. */
export function kindOf(name: string): Kind {
  const kind = KINDS[name];
  if (kind) return kind;
  throw new Error(`no such kind: ${name}. There are ${Object.keys(KINDS).join(', ')}`);
}

/** How a case may end. `held, then`: a person had to say "retry" once the cause was gone; `held`: nothing can mend it. */
export type Ending =
  | 'moved'
  | 'rolled-back'
  | 'refused'
  | 'cancelled'
  | 'held'
  | 'held, then moved'
  | 'held, then rolled-back'
  | 'held, then cancelled';

const BACK: readonly Ending[] = ['rolled-back', 'refused'];
const MOVED: readonly Ending[] = ['moved'];
const EITHER: readonly Ending[] = ['moved', 'rolled-back'];
const NEVER: readonly Ending[] = [];

/** Where in its runbook a step stands. */
interface Place {
  readonly isForward: boolean;
  readonly isPivot: boolean;
  readonly isTransfer: boolean;
  readonly isLong: boolean;
  /** The link is still to be checked. */
  readonly isChecking: boolean;
  /** Something is still to be sent from host to host. */
  readonly isBeforeSent: boolean;
  readonly isCopied: boolean;
  /** Its business is with the target's libvirtd. */
  readonly asksTarget: boolean;
  /** Each host has a part of its memory. */
  readonly isSplit: boolean;
}

const failed = ({ isForward, isPivot }: Place): readonly Ending[] =>
  isForward || isPivot ? ['held, then moved'] : BACK;
const survived = (): readonly Ending[] => MOVED;
const unlessSending = ({ isTransfer, isSplit }: Place) => (isTransfer && !isSplit ? EITHER : MOVED);

const EXPECTED: Readonly<Record<FaultName, (place: Place) => readonly Ending[]>> = {
  'error before': failed,
  // The error says nothing of the transfer: the guest has moved, and that counts.
  'error after': (place) => (place.isTransfer ? MOVED : failed(place)),
  'reply lost': survived,
  'worker killed': survived,
  'Temporal killed': survived,
  'ssh cut': survived,
  'source libvirtd killed': unlessSending,
  'target libvirtd killed': unlessSending,
  'target libvirtd hung for 20 s': (place) => (place.asksTarget ? unlessSending(place) : NEVER),
  'link cut for 5 s': ({ isLong, isSplit, isChecking }) =>
    isSplit ? MOVED : isLong ? EITHER : isChecking ? ['moved', 'refused'] : MOVED,
  // Whether QEMU on the target can be told of the break is luck (docs/safety.md).
  'link cut': ({ isBeforeSent, isSplit }) =>
    isSplit ? ['moved', 'held, then rolled-back'] : isBeforeSent ? BACK : MOVED,
  'target QEMU killed': ({ isTransfer, isSplit }) =>
    isSplit ? ['held'] : isTransfer ? ['rolled-back'] : NEVER,
  'target disk full': ({ isCopied, isBeforeSent }) => (isCopied && isBeforeSent ? BACK : NEVER),
  cancel: ({ isForward, isPivot, isSplit }) =>
    isForward || isSplit ? MOVED : isPivot ? ['moved', 'cancelled'] : ['cancelled'],
};

const asksTarget = (name: string): boolean =>
  [...liveMigrationSteps, ...coldMigrationSteps].some(
    (step) => step.name === name && step.asksTarget,
  );

/** What is right for a fault at a step; empty if the fault has no meaning there. */
export function expectedOf(kind: Kind, step: string, fault: FaultName): readonly Ending[] {
  const { steps, pivot, long, isCopied, isPostCopy } = kind;
  const at = steps.indexOf(step);
  return EXPECTED[fault]({
    isCopied,
    isPivot: step === pivot,
    isLong: step === long,
    isForward: at > steps.indexOf(pivot),
    isTransfer: step === 'transfer.run',
    isSplit: isPostCopy && step === long,
    asksTarget: asksTarget(step),
    isChecking: at <= steps.indexOf('target.precheck'),
    isBeforeSent: at <= Math.max(steps.indexOf(long), steps.indexOf('disks.transfer')),
  });
}

/** What scripts/test runs: one of each kind of trouble, where it hurts most. */
export const SAMPLE: readonly (readonly [kind: string, step: string, fault: FaultName])[] = [
  ['live-shared', 'network.bindTarget', 'Temporal killed'],
  ['live-shared', 'transfer.run', 'worker killed'],
  ['live-shared', 'transfer.run', 'target QEMU killed'],
  ['live-shared', 'guest.locate', 'error before'],
  ['live-volume', 'transfer.run', 'target libvirtd killed'],
  ['live-block', 'disks.prepareTarget', 'target disk full'],
  ['live-block', 'transfer.run', 'link cut for 5 s'],
  ['live-postcopy', 'transfer.run', 'link cut'],
  ['cold', 'disks.transfer', 'worker killed'],
  ['warm', 'disks.precopy', 'ssh cut'],
  ['live-own', 'transfer.run', 'worker killed'],
  ['cold-own', 'disks.transfer', 'worker killed'],
  ['warm-own', 'guest.verify', 'error after'],
];
