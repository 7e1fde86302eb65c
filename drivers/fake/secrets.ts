/** A fake host's secrets. */
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
  const isFor = ({ xml }: FakeSecret) => {
    const root = rootOf(parseXml(xml, 'secret'));
    const names = ['volume', 'name', 'target'];
    return (
      attributeOf(root, 'usage', 'type') === usage &&
      names.some((name) => textOf(root, `usage/${name}`) === by.id)
    );
  };
  return [...secrets.values()].find(isFor);
}

function shown(found: FakeSecret | undefined): HostSecret | undefined {
  if (!found) return undefined;
  const { xml } = found;
  const isPrivate = rootOf(parseXml(xml, 'secret')).getAttribute('private') === 'yes';
  const value = found.value === undefined ? ('none' as const) : new Confidential(found.value);
  const secret = { uuid: uuidOf(found), xml, value: isPrivate ? ('private' as const) : value };
  const owner = broughtBy(xml);
  return owner === undefined ? secret : { ...secret, broughtBy: owner };
}
