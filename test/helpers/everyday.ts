/** Moves of everyday guests, and what must be true after them. */
import { makeGuest, onHost, pictureOfHosts, type EverydayGuest } from '../../lab/everyday.js';
import type { ColdMigrationInput, MigrationReport } from '../../client/drover.js';
import type { TransferOptions } from '../../model/migration.js';
import {
  closeLab,
  connectLab,
  startCold,
  startMove,
  untilUnconfirmed,
  type Lab,
  type More,
} from './lab.js';

const BY = { by: 'test', reason: 'lab test' };
const ASKED = { requestedBy: 'test', reason: 'lab test' };

/** The lab, and what a test makes on it: all of that is gone after the test, in the opposite order. */
export interface EverydayLab {
  /** Connected before the file's first test. */
  readonly lab: Lab;
  /** Makes a guest on h1, off, which drover knows. */
  make(...recipe: Parameters<typeof makeGuest>): Promise<EverydayGuest>;
  /** Paths that a test or a move makes on either host. */
  litter(...paths: string[]): void;
  /** What is so on one host for the length of a test. */
  during(host: string, begin: string, end: string): Promise<void>;
  undo(step: () => Promise<unknown>): void;
}

/** Called at the top of a test file. */
export function everydayLab(): EverydayLab {
  jest.setTimeout(180_000);
  const lab = {} as Lab;
  const undos: (() => Promise<unknown>)[] = [];
  const undo = (step: () => Promise<unknown>) => void undos.push(step);
  beforeAll(async () => {
    Object.assign(lab, await connectLab());
  });
  afterEach(async () => {
    for (const step of undos.splice(0).reverse()) await step();
    await adopt(lab);
  });
  afterAll(() => closeLab(lab));
  return {
    lab,
    undo,
    async make(...recipe) {
      const guest = await makeGuest(...recipe);
      undo(() => guest.remove());
      await adopt(lab);
      return guest;
    },
    litter(...paths) {
      for (const path of paths)
        for (const host of ['h1', 'h2']) undo(() => onHost(host, 'rm -rf -- "$1"', path));
    },
    async during(host, begin, end) {
      undo(() => onHost(host, end));
      await onHost(host, begin);
    },
  };
}

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
  readonly more?: More;
}

/** Asks for a move that must be refused in these words, and looks whether anything has changed on any host, for anybody. */
export async function expectRefused(
  lab: Lab,
  guest: Pick<EverydayGuest, 'name'>,
  { move, to, says, accept = [], options = {}, more = {} }: Refusal,
): Promise<void> {
  const before = await pictureOfHosts();
  const asked = { ...ASKED, ...more, vm: guest.name, target: to, accept };
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
  more: More = {},
): Promise<MigrationReport> => (await startMove(lab, name, to, options, more)).result();

/** Moves it cold, and confirms or reverts at once. A guest without an operating system hears no power button. */
export async function moveCold(
  lab: Lab,
  { name }: Pick<EverydayGuest, 'name'>,
  to: string,
  end: 'confirm' | 'revert' = 'confirm',
  options: NonNullable<ColdMigrationInput['options']> = {},
  more: More = {},
): Promise<MigrationReport> {
  const how = { shutdownSeconds: 0, ...options };
  const migration = await startCold(lab, name, to, how, [], more);
  await untilUnconfirmed(migration);
  await migration[end](BY);
  return migration.result();
}

/** A file's SHA-256 on a host, by the host's own tool. */
export const sha256 = async (host: string, path: string): Promise<string> =>
  (await onHost(host, 'sha256sum <"$1"', path)).slice(0, 64);
