/** The lab as its tests see it. */
import {
  connectDrover,
  type ColdMigrationInput,
  type Drover,
  type Migration,
  type MigrationReport,
} from '../../api/client.js';
import type { Inventory } from '../../inventory/inventory.js';
import { inventorySocket } from '../../inventory/open.js';
import { remoteInventory } from '../../inventory/remote.js';
import { guestState, runInLab, until, type GuestSays } from '../../lab/observer.js';
import { labHost, LAB_HOSTS } from '../../lab/site.js';
import type { TransferOptions } from '../../model/migration.js';

/** The lab's guests. */
export const GUESTS = [
  { vm: 'web1', ip: '10.77.0.101', mac: '52:54:00:77:00:01', storage: 'shared storage' },
  { vm: 'vol1', ip: '10.77.0.102', mac: '52:54:00:77:00:02', storage: 'an iSCSI volume' },
  { vm: 'blk1', ip: '10.77.0.103', mac: '52:54:00:77:00:03', storage: 'a local disk (block)' },
  { vm: 'mix1', ip: '10.77.0.104', mac: '52:54:00:77:00:04', storage: 'one disk of each kind' },
] as const;

/** The guest of lab/efi-guest.sh. */
export const EFI_GUEST = { vm: 'efi1', ip: '10.77.0.108', mac: '52:54:00:77:00:08' } as const;

/** drover and its inventory. */
export interface Lab {
  readonly drover: Drover;
  readonly inventory: Inventory;
}

/** Connects to the drover that the set-up started. */
export async function connectLab(): Promise<Lab> {
  return {
    drover: await connectDrover({ address: process.env['DROVER_TEST_LAB_TEMPORAL'] ?? '' }),
    inventory: remoteInventory(inventorySocket(process.env['DROVER_TEST_LAB_HOME'] ?? '')),
  };
}

/** Puts changed host records back and disconnects. */
export async function closeLab({ drover, inventory }: Lab): Promise<void> {
  for (const name of LAB_HOSTS) await inventory.putHost(labHost(name));
  await drover.close();
}

/** Moves a guest, unless it is there already. */
export async function moveTo(
  lab: Lab,
  vm: string,
  target: string,
  options: Partial<TransferOptions> = {},
): Promise<MigrationReport | undefined> {
  if ((await hostOf(lab, vm)) === target) return undefined;
  return (await startMove(lab, vm, target, options)).result();
}

/** Starts a live migration. */
export const startMove = (
  { drover }: Lab,
  vm: string,
  target: string,
  options: Partial<TransferOptions> = {},
): Promise<Migration> =>
  drover.startLiveMigration({ vm, target, requestedBy: 'test', reason: 'lab test', options });

/** Starts a cold migration; the lab's guests listen to their power button. */
export const startCold = (
  { drover }: Pick<Lab, 'drover'>,
  vm: string,
  target: string,
  options: NonNullable<ColdMigrationInput['options']> = {},
): Promise<Migration> =>
  drover.startColdMigration({
    ...{ vm, target, requestedBy: 'test', reason: 'lab test' },
    options: { shutdownSeconds: 10, ...options },
  });

/** Waits until a cold migration waits for confirm or revert. */
export async function untilUnconfirmed(migration: Migration): Promise<void> {
  const deadline = Date.now() + 60_000;
  for await (const { state, steps } of migration.watch(100)) {
    if (state === 'unconfirmed') return;
    if (Date.now() > deadline) throw new Error(`not there after 60 s: ${JSON.stringify(steps)}`);
  }
  await migration.result();
  throw new Error('it ended without waiting for confirm or revert');
}

/** What a guest says once it has booted. */
export async function booted(ip: string): Promise<GuestSays> {
  let said: GuestSays | undefined;
  await until(
    async () => {
      said = await guestState(ip).catch(() => undefined);
      return said !== undefined;
    },
    `the guest at ${ip} to boot`,
    60_000,
  );
  return said as GuestSays;
}

/** Asks for a move that must be refused with these words, and looks whether really nothing was touched. */
export async function expectRefusal(
  lab: Lab,
  vm: string,
  target: string,
  says: RegExp,
): Promise<void> {
  const [host, start] = await Promise.all([hostOf(lab, vm), leftovers(lab, vm)]);
  const migration = await startMove(lab, vm, target);

  await expect(migration.result()).rejects.toMatchObject({
    outcome: 'refused',
    message: expect.stringMatching(says) as string,
  });
  expect(await hostOf(lab, vm)).toBe(host);
  expect(await leftovers(lab, vm)).toEqual(start);
  expect(await lab.inventory.claims()).toEqual([]);
}

/** Where a guest runs, as the hosts themselves say; two would be the end of the world. */
export async function hostOf(_lab: Lab, vm: string): Promise<string> {
  const running = await Promise.all(
    LAB_HOSTS.map(async (host) => ((await domains(host)).get(vm) === 'running' ? [host] : [])),
  );
  return running.flat().join(' and ');
}

async function domains(host: string): Promise<Map<string, string>> {
  const text = await runInLab(host, ['virsh', '-q', 'list', '--all']);
  return new Map(
    [...text.matchAll(/^\s*\S+\s+(\S+)\s+(.+?)\s*$/gm)].map(([, name, state]) => [
      name as string,
      state as string,
    ]),
  );
}

/** What a guest has on each host: its domain, files, bindings and taps; empty where nothing of it is left. */
export async function leftovers(_lab: Lab, vm: string): Promise<Record<string, object>> {
  const mac = ([...GUESTS, EFI_GUEST].find((guest) => guest.vm === vm)?.mac ?? '').replaceAll(
    ':',
    '',
  );
  const each = LAB_HOSTS.map(async (host) => {
    const [known, copying, files, rules, taps] = await Promise.all([
      domains(host),
      runInLab(host, [
        'sh',
        '-c',
        'ls -d /run/drover-* 2>/dev/null; cat ~/.ssh/authorized_keys 2>/dev/null; :',
      ]),
      runInLab(host, [
        'find',
        '/var/lib/libvirt/images',
        '-path',
        `*/${vm}*`,
        '-o',
        '-name',
        '*.drover-*',
        '-o',
        '-name',
        '.drover-probe-*',
      ]),
      runInLab(host, ['sh', '-c', 'nft list table bridge drover 2>/dev/null || :']),
      runInLab(host, ['ip', '-o', 'link', 'show']),
    ]);
    const found = {
      ...(known.has(vm) ? { domain: known.get(vm) } : {}),
      ...(files.trim() ? { files: files.trim().split('\n') } : {}),
      ...(copying.trim() ? { copying: copying.trim().split('\n') } : {}),
      ...(rules.includes(mac) ? { rules: true } : {}),
      ...(taps.includes(`dr${mac}`) ? { tap: true } : {}),
    };
    return [host, found] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}
