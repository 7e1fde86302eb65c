/** The source's definition as it was when it was rendered: whatever comes into it later does not travel, and would go with it. */
import { createHash } from 'node:crypto';
import { portionsOf } from '../../guest/xml/portions.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import type { AsRead } from '../../workflows/steps/definition.js';

/** A password is in none of the portions. */
const WHOLE = 'a password';

/** A digest of each portion, by its name; `undefined` of a guest without a definition. */
export async function readNow(
  { hypervisor }: HostDrivers,
  { uuid, migrationId }: Route,
): Promise<AsRead | undefined> {
  const guest = await hypervisor.find(uuid);
  if (!guest?.isPersistent) return undefined;
  const portions = portionsOf(await hypervisor.xml(uuid, 'inactive'), migrationId);
  const secret = await hypervisor.secretXml(uuid, 'definition');
  const whole = portionsOf(secret.reveal(), migrationId).map(({ text }) => text);
  return {
    ...Object.fromEntries(portions.map(({ about, text }) => [about, digest(text)] as const)),
    [WHOLE]: digest(whole.join('\n')),
  };
}

const digest = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 16);

/** What of the definition is different by now, by name. A definition that is gone is none that could be lost. */
export async function changedSince(
  source: HostDrivers,
  route: Route,
  then: AsRead | undefined,
): Promise<string[]> {
  const now = then && (await readNow(source, route));
  if (!now) return [];
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  const changed = names.filter((name) => now[name] !== then[name]);
  const named = changed.filter((name) => name !== WHOLE);
  return named.length > 0 ? named : changed;
}

/** That somebody has changed it, and what. */
export const definitionChanged = (
  { name, source }: Route,
  changed: readonly string[],
  hint: string,
): CodedError =>
  new CodedError(
    'DEFINITION_CHANGED',
    `the definition of ${name} on ${source} was changed since the move has read it, and the change is not on the target: ${changed.join(', ')}`,
    { hint, facts: { what: changed.join(', ') } },
  );
