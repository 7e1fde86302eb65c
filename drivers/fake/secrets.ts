/** A fake host's secrets. */
import { defined } from '../../model/defined.js';
import { Confidential } from '../../model/confidential.js';
import type { SecretRef } from '../../model/secret.js';
import { broughtBy, withOwner } from '../../guest/xml/brought-secret.js';
import { attributeOf, parseXml, rootOf, textOf } from '../../guest/xml/document.js';
import type { HostSecret, Secrets } from '../interfaces/hypervisor/secrets.js';
import type { AtHost } from './at-host.js';
import type { FakeHost, FakeSecret } from './world.js';

/** Its secrets. */
export const fakeSecrets = ({ host, done }: AtHost): Secrets => ({
  secret: (ref) => done(shown(findSecret(host, ref))),
  broughtSecrets: () =>
    done(
      [...host.secrets.values()]
        .filter(({ xml }) => broughtBy(xml) !== undefined)
        .flatMap((found) => shown(found) ?? []),
    ),
  bringSecret: (xml, value, owner) =>
    done(put(host, { xml: withOwner(xml, owner), value: value.reveal() })),
  keepSecret: (ref, owner) => {
    const found = findSecret(host, ref);
    if (found && broughtBy(found.xml) === owner)
      put(host, { ...found, xml: withOwner(found.xml, undefined) });
    return done(undefined);
  },
  forgetSecret: (ref, owner) => {
    const found = findSecret(host, ref);
    if (found && broughtBy(found.xml) === owner) host.secrets.delete(uuidOf(found));
    return done(undefined);
  },
});

const uuidOf = ({ xml }: FakeSecret): string => textOf(rootOf(parseXml(xml, 'secret')), 'uuid');

const put = (host: FakeHost, secret: FakeSecret): void =>
  void host.secrets.set(uuidOf(secret), secret);

/** The secret that is meant. */
export function findSecret(
  { secrets }: FakeHost,
  { usage, by }: SecretRef,
): FakeSecret | undefined {
  if ('uuid' in by) return secrets.get(by.uuid);
  const isFor = ({ xml }: FakeSecret) =>
    attributeOf(rootOf(parseXml(xml, 'secret')), 'usage', 'type') === usage &&
    usageOf(xml) === by.id;
  return [...secrets.values()].find(isFor);
}

/** Its element is called by what it is for. */
const usageOf = (xml: string): string =>
  ['volume', 'name', 'target']
    .map((name) => textOf(rootOf(parseXml(xml, 'secret')), `usage/${name}`))
    .find((text) => text !== '') ?? '';

function shown(found: FakeSecret | undefined): HostSecret | undefined {
  if (!found) return undefined;
  const { xml } = found;
  const isPrivate = rootOf(parseXml(xml, 'secret')).getAttribute('private') === 'yes';
  const value = found.value === undefined ? ('none' as const) : new Confidential(found.value);
  return {
    uuid: uuidOf(found),
    usage: usageOf(xml),
    xml,
    value: isPrivate ? ('private' as const) : value,
    ...defined({ broughtBy: broughtBy(xml) }),
  };
}
