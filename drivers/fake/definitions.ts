/** A fake host's definitions: it keeps and loses what libvirt keeps and loses. */
import { Confidential } from '../../model/confidential.js';
import { messageOf } from '../../model/errors.js';
import type { VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { parseDomain, type DomainFacts } from '../../guest/xml/domain.js';
import type { TrialVerdict } from '../interfaces/hypervisor/trial.js';
import type { Attached, Definitions } from '../interfaces/hypervisor/definitions.js';
import { accountOf } from '../../guest/account/account.js';
import { parseXml, rootOf } from '../../guest/xml/document.js';
import { failed, type AtHost } from './at-host.js';
import { refresh, requireListed } from './pools.js';
import { addSnapshots, shownCheckpoint, shownSnapshot } from './snapshots.js';
import type { FakeGuest, FakeHost } from './world.js';

/** Its definitions. */
export function fakeDefinitions(at: AtHost): Definitions {
  const { name, host, guestOf, done } = at;
  return {
    xml: async (uuid, view) => done(withoutSecrets(viewOf(guestOf(uuid), view === 'live'))),
    secretXml: async (uuid, view) =>
      done(new Confidential(viewOf(guestOf(uuid), view === 'migratable'))),
    kept: async (uuid) => {
      const { hasManagedSave = false, snapshots = [], checkpoints = [] } = guestOf(uuid);
      const byName = [...snapshots].sort((a, b) => (a.name < b.name ? -1 : 1));
      return done({
        hasManagedSave,
        snapshots: byName.map(({ name: called, isExternal }) => ({ name: called, isExternal })),
        checkpoints: [...checkpoints].sort(),
      });
    },
    snapshots: async (uuid) => done((guestOf(uuid).snapshots ?? []).map(shownSnapshot)),
    defineSnapshots: async (uuid, snapshots) => done(addSnapshots(guestOf(uuid), snapshots)),
    checkpoints: async (uuid) =>
      done((guestOf(uuid).checkpoints ?? []).map((called) => shownCheckpoint(called))),
    defineCheckpoints: async (uuid, checkpoints) => {
      const guest = guestOf(uuid);
      const names = [...(guest.checkpoints ?? []), ...checkpoints.map((one) => one.name)];
      if (names.length > 0) guest.checkpoints = [...new Set(names)];
      return done(undefined);
    },
    isAutostart: async (uuid) => done(guestOf(uuid).isAutostart),
    setAutostart: async (uuid, isOn) => {
      const guest = guestOf(uuid);
      if (!guest.isPersistent) throw failed(name, 'cannot set autostart for transient domain', 55);
      guest.isAutostart = isOn;
      return done(undefined);
    },
    define: async (xml) => done(define(at, xml.reveal())),
    refreshPool: async (called) => done(refresh(at.world, host, called)),
    tryOut: async (xml) => done(verdictsOn(at, xml.reveal())),
    forgetTrial: () => done(undefined),
    redefine: async (uuid, change) => done(define(at, change(guestOf(uuid).definition))),
    undefine: async (uuid, removing) => {
      const guest = host.guests.get(uuid);
      if (guest) undefine(at, uuid, guest, removing);
      return done(undefined);
    },
  };
}

/** As libvirt says it of what cannot start, and of an element that its schema does not have. */
function verdictsOn({ name, host }: AtHost, xml: string): TrialVerdict[] {
  const verdicts: TrialVerdict[] = [];
  try {
    requireListed(host, xml);
  } catch (error) {
    verdicts.push({ of: 'start', words: messageOf(error) });
  }
  const unknown = accountOf(rootOf(parseXml(xml, 'domain'))).find(({ isKnown }) => !isKnown);
  if (unknown)
    verdicts.push({
      of: 'schema',
      words: `libvirt on ${name}: XML document failed to validate: ${unknown.path}`,
    });
  return verdicts;
}

const viewOf = ({ xml, definition, isPersistent }: FakeGuest, isLive: boolean): string =>
  isLive || !isPersistent ? xml : definition;

/** libvirt leaves them out unless it is asked for them. */
const withoutSecrets = (xml: string): string => xml.replace(/ passwd=["'][^"']*["']/g, '');

/** What runs goes on as it is until it ends. A host has each name and each UUID once, and both together for good. */
function define({ name: on, host }: AtHost, xml: string): void {
  const { uuid, name } = readDefinition(on, xml);
  const namesake = [...host.guests].find(([other, guest]) => guest.name === name && other !== uuid);
  if (namesake) throw failed(on, `domain '${name}' already exists with uuid ${namesake[0]}`, 9);
  const known = host.guests.get(uuid);
  if (known && known.name !== name)
    throw failed(on, `domain '${known.name}' is already defined with uuid ${uuid}`, 9);
  if (known) {
    Object.assign(known, { isPersistent: true, definition: xml });
    if (!isActive(known.state)) known.xml = xml;
    return;
  }
  host.guests.set(uuid, {
    name,
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml,
    definition: xml,
  });
}

function readDefinition(on: string, xml: string): DomainFacts {
  try {
    return parseDomain(xml);
  } catch {
    throw failed(on, '(domain_definition): it is no domain', 27);
  }
}

/** Refuses what libvirt refuses: to lose what was not named. */
function undefine(
  { name, host }: AtHost,
  uuid: VmUuid,
  guest: FakeGuest,
  removing: readonly Attached[],
): void {
  const { hasManagedSave = false, snapshots = [], checkpoints = [] } = guest;
  if (checkpoints.length > 0 && !removing.includes('checkpoints'))
    throw failed(name, `it has ${checkpoints.length} checkpoints`, 55);
  if (isActive(guest.state)) {
    guest.isPersistent = false;
    return;
  }
  const lost = (what: Attached, isThere: boolean) => isThere && !removing.includes(what);
  if (lost('managed save', hasManagedSave))
    throw failed(name, 'Refusing to undefine while domain managed save image exists', 55);
  if (lost('snapshots', snapshots.length > 0))
    throw failed(name, `cannot delete inactive domain with ${snapshots.length} snapshots`, 55);
  if (removing.includes('TPM state')) removeTpmState(host, uuid);
  host.guests.delete(uuid);
}

/** The whole folder, and the marks that stand in it. */
function removeTpmState(host: FakeHost, uuid: VmUuid): void {
  const folder = `/var/lib/libvirt/swtpm/${uuid}`;
  for (const path of [...host.files.keys()])
    if (path === folder || path.startsWith(`${folder}/`)) host.files.delete(path);
  for (const path of [...host.marks.keys()])
    if (path.startsWith(`${folder}/`)) host.marks.delete(path);
}
