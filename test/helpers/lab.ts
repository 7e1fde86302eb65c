/** The lab as its tests see it. */
import { type ColdMigrationInput, type Drover, type MigrationReport } from '../../client/drover.js';
import { type Migration } from '../../client/migration.js';
import { pause } from '../../drivers/deadline.js';
import type { Inventory } from '../../inventory/inventory.js';
import { inventorySocket } from '../../inventory/open.js';
import { remoteInventory } from '../../inventory/remote.js';
import { askBootingGuest, guestState, until, type GuestSays } from '../../lab/observer.js';
import { ALL_GUESTS } from '../../lab/framework/guest.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { connectToSite, labHost, LAB_HOSTS } from '../../lab/site.js';
import type { TransferOptions } from '../../model/migration.js';

/** drover and its inventory. */
export interface Lab {
  readonly drover: Drover;
  readonly inventory: Inventory;
}

/** Connects to the drover that the set-up started. */
export async function connectLab(): Promise<Lab> {
  const [address = '', home = ''] = [
    process.env['DROVER_TEST_LAB_TEMPORAL'],
    process.env['DROVER_TEST_LAB_HOME'],
  ];
  return {
    drover: await connectToSite({ TEMPORAL_ADDRESS: address, DROVER_HOME: home }),
    inventory: remoteInventory(inventorySocket(home)),
  };
}

/** Puts changed host records back and disconnects. */
export async function closeLab({ drover, inventory }: Lab): Promise<void> {
  for (const name of LAB_HOSTS) await inventory.putHost(labHost(name));
  await drover.close();
}

/** After another drover has moved guests: this one learns where they are. */
export async function discoverAgain(): Promise<void> {
  const lab = await connectLab();
  for (const host of LAB_HOSTS) await lab.drover.discover(host);
  await closeLab(lab);
}

/** Moves a guest, unless it is there already. */
export async function moveTo(
  lab: Lab,
  vm: string,
  target: string,
  options: Partial<TransferOptions> = {},
): Promise<MigrationReport | undefined> {
  if ((await hostOf(vm)) === target) return undefined;
  return (await startMove(lab, vm, target, options)).result();
}

/** Every guest of the lab is on h1, where its tests begin. */
export async function allHome(lab: Lab): Promise<void> {
  for (const { vm } of ALL_GUESTS) await moveTo(lab, vm, 'h1');
}

/** What both kinds of request have. */
export type More = Pick<
  ColdMigrationInput,
  'accept' | 'isCarryingSecrets' | 'storageMaps' | 'networkMaps' | 'media'
>;

/** Starts a live migration. */
export const startMove = async (
  { drover }: Lab,
  vm: string,
  target: string,
  options: Partial<TransferOptions> = {},
  more: More = {},
): Promise<Migration> => {
  const request = { vm, target, requestedBy: 'test', reason: 'lab test', options, ...more };
  return unattended(await drover.startLiveMigration(request));
};

/** Starts a cold migration; the lab's guests listen to their power button. */
export const startCold = async (
  { drover }: Pick<Lab, 'drover'>,
  vm: string,
  target: string,
  options: NonNullable<ColdMigrationInput['options']> = {},
  accept: string[] = [],
  more: More = {},
): Promise<Migration> =>
  unattended(
    await drover.startColdMigration({
      vm,
      target,
      accept,
      requestedBy: 'test',
      reason: 'lab test',
      options: { shutdownSeconds: 10, ...options },
      ...more,
    }),
  );

/** Its result is not waited for when it asks a person: nobody is there, and the test says what was asked. */
const unattended = (migration: Migration): Migration => ({
  ...migration,
  async result() {
    let isOver = false;
    const result = migration.result().finally(() => (isOver = true));
    result.catch(() => undefined); // It is told below, when nothing is asked any more.
    while (!isOver) {
      const hold = (await migration.progress().catch(() => undefined))?.hold;
      if (hold && hold.kind !== 'window')
        throw new Error(`${hold.step} asks a person (${hold.kind}): ${hold.code} ${hold.message}`);
      await Promise.race([result.catch(() => undefined), pause(250)]);
    }
    return result;
  },
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
      said = await guestState(ip, askBootingGuest).catch(() => undefined);
      return said !== undefined;
    },
    `the guest at ${ip} to boot`,
    120_000,
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
  const [host, start] = await Promise.all([hostOf(vm), leftoversOf(vm)]);
  const migration = await startMove(lab, vm, target);

  await expect(migration.result()).rejects.toMatchObject({
    outcome: 'refused',
    message: expect.stringMatching(says) as string,
  });
  expect(await hostOf(vm)).toBe(host);
  expect(await leftoversOf(vm)).toEqual(start);
  expect(await lab.inventory.claims()).toEqual([]);
}
