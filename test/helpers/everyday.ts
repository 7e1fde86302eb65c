/** Moves of everyday guests, and what must be true after them. */
import { onHost, pictureOfHosts, type EverydayGuest } from '../../lab/everyday.js';
import type { ColdMigrationInput, MigrationReport } from '../../client/drover.js';
import type { TransferOptions } from '../../model/migration.js';
import { startCold, startMove, untilUnconfirmed, type Lab } from './lab.js';

const BY = { by: 'test', reason: 'lab test' };
const ASKED = { requestedBy: 'test', reason: 'lab test' };

/** drover learns of guests that a test has made. */
export async function adopt(lab: Lab, ...hosts: string[]): Promise<void> {
  for (const host of hosts.length > 0 ? hosts : ['h1', 'h2']) await lab.drover.discover(host);
}

/** What is refused: by what words, and how it was asked for. */
export interface Refusal {
  readonly move: 'live' | 'cold';
  readonly to: string;
  readonly says: RegExp;
  readonly accept?: string[];
  readonly options?: ColdMigrationInput['options'];
}

/** Asks for a move that must be refused in these words, and looks whether anything has changed on any host, for anybody. */
export async function expectRefused(
  lab: Lab,
  guest: Pick<EverydayGuest, 'name'>,
  { move, to, says, accept = [], options = {} }: Refusal,
): Promise<void> {
  const before = await pictureOfHosts();
  const asked = { ...ASKED, vm: guest.name, target: to, accept };
  const migration = await (move === 'live'
    ? lab.drover.startLiveMigration(asked)
    : lab.drover.startColdMigration({ ...asked, options }));

  await expect(migration.result()).rejects.toMatchObject({
    outcome: 'refused',
    message: expect.stringMatching(says) as string,
  });
  expect(await pictureOfHosts()).toEqual(before);
  expect(await lab.inventory.claims()).toEqual([]);
}

/** libvirt keeps an empty element where drover's mark was. */
export const withoutEmptyMetadata = (picture: Record<string, string[]>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(picture).map(([host, lines]) => [
      host,
      lines.filter((line) => line.trim() !== '<metadata/>'),
    ]),
  );

/** Moves it live. */
export const moveLive = async (
  lab: Lab,
  { name }: Pick<EverydayGuest, 'name'>,
  to: string,
  options: Partial<TransferOptions> = {},
): Promise<MigrationReport> => (await startMove(lab, name, to, options)).result();

/** Moves it cold, and confirms or reverts at once. A guest without an operating system hears no power button. */
export async function moveCold(
  lab: Lab,
  { name }: Pick<EverydayGuest, 'name'>,
  to: string,
  end: 'confirm' | 'revert' = 'confirm',
  options: NonNullable<ColdMigrationInput['options']> = {},
): Promise<MigrationReport> {
  const migration = await startCold(lab, name, to, { shutdownSeconds: 0, ...options });
  await untilUnconfirmed(migration);
  await migration[end](BY);
  return migration.result();
}

/** A file's SHA-256 on a host, by the host's own tool. */
export const sha256 = async (host: string, path: string): Promise<string> =>
  (await onHost(host, 'sha256sum <"$1"', path)).slice(0, 64);
