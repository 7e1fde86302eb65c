/** The faults themselves, done to real processes and links; each returns what heals it. */
import { cutSsh, restartLibvirt, runInLab, until } from '../observer.js';
import { pause } from '../../drivers/deadline.js';
import type { Migration } from '../../client/migration.js';
import type { FaultSite } from './site.js';

/** What a fault may touch. */
export interface Scene {
  readonly site: FaultSite;
  readonly migration: Migration;
  readonly vm: string;
  readonly source: string;
  readonly target: string;
}

export const IMAGES = '/var/lib/libvirt/images';
const nothing = () => Promise.resolve();
const shell = (host: string, text: string) => runInLab(host, ['sh', '-c', text]);

/** Ends libvirtd as a crash does; the lab's init starts it again. */
async function killLibvirt(host: string): Promise<() => Promise<void>> {
  await restartLibvirt(host, 'KILL');
  return nothing;
}

/** A libvirtd that takes calls and answers none (SIGSTOP), for twenty seconds: longer than a call's limit. */
async function hangLibvirt(host: string): Promise<() => Promise<void>> {
  const signal = (name: string) => shell(host, `kill -${name} $(cat /run/libvirtd.pid)`);
  await signal('STOP');
  const awake = pause(20_000).then(() => signal('CONT'));
  return async () => {
    await awake;
  };
}

/** No packet passes between two hosts; others reach both. Returns what joins them again. */
async function cutLink(source: string, target: string): Promise<() => Promise<void>> {
  const address = `10.77.0.1${target.slice(1)}`;
  const rules = [
    'table inet lab_cut {',
    `chain i { type filter hook input priority -300; ip saddr ${address} drop; }`,
    `chain o { type filter hook output priority -300; ip daddr ${address} drop; }`,
    '}',
  ].join('\n');
  await shell(source, `nft -f - <<'EOF'\n${rules}\nEOF`);
  return async () => {
    await shell(source, 'nft delete table inet lab_cut 2>/dev/null || :');
  };
}

/** Done at a step: before it runs, or in its middle if it lasts. Some need the step to be one that the worker waits at. */
export const FAULTS = {
  'worker killed': async ({ site }: Scene) => {
    await site.killWorker();
    await site.startWorker();
    return nothing;
  },
  'ssh cut': async ({ source, target }: Scene) => {
    for (const host of [source, target]) await cutSsh(host);
    return nothing;
  },
  'source libvirtd killed': ({ source }: Scene) => killLibvirt(source),
  'target libvirtd killed': ({ target }: Scene) => killLibvirt(target),
  'target libvirtd hung for 20 s': ({ target }: Scene) => hangLibvirt(target),
  'target QEMU killed': async ({ vm, target }: Scene) => {
    await shell(target, `pkill -KILL -f "[q]emu-system.* guest=${vm}," || :`);
    return nothing;
  },
  'link cut for 5 s': async ({ source, target }: Scene) => {
    const join = await cutLink(source, target);
    const joined = pause(5000).then(join);
    return () => joined;
  },
  'link cut': ({ source, target }: Scene) => cutLink(source, target),
  'target disk full': async ({ target }: Scene) => {
    await shell(target, `dd if=/dev/zero of=${IMAGES}/fill bs=64k 2>/dev/null; :`);
    return async () => {
      await shell(target, `rm -f ${IMAGES}/fill`);
    };
  },
  'Temporal killed': async ({ site }: Scene) => {
    await site.restartTemporal();
    return nothing;
  },
  cancel: async ({ migration }: Scene) => {
    await migration.abort();
    return nothing;
  },
} as const;

/** Faults that the worker itself plays: the step fails, or its reply is lost. */
export const PLAYED = ['error before', 'error after', 'reply lost'] as const;

export type PlayedFault = (typeof PLAYED)[number];
export type RealFault = keyof typeof FAULTS;
export type FaultName = PlayedFault | RealFault;
/** All, in the order of the matrix. */
export const FAULT_NAMES: readonly FaultName[] = [
  ...PLAYED,
  ...(Object.keys(FAULTS) as RealFault[]),
];
export const isPlayed = (fault: FaultName): fault is PlayedFault =>
  (PLAYED as readonly string[]).includes(fault);

/** Room on the target for the checks beforehand, and little more: a disk that can be filled. Returns what takes it away. */
export async function smallDisk(host: string): Promise<() => Promise<void>> {
  await runInLab(host, ['mount', '-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', IMAGES]);
  return async () => {
    await until(
      () =>
        runInLab(host, ['umount', IMAGES]).then(
          () => true,
          () => false,
        ),
      `${IMAGES} of ${host} to be free`,
    );
  };
}
