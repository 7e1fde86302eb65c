/** A fake host's definitions: it keeps and loses what libvirt keeps and loses. */
import { Confidential } from '../../model/confidential.js';
import type { HostName, VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { parseDomain } from '../../guest/xml/domain.js';
import type { Attached, Definitions, Snapshot } from '../interfaces/hypervisor/definitions.js';
import { failed, type AtHost } from './at-host.js';
import type { FakeGuest, FakeHost, FakeSnapshot } from './world.js';

/** Its definitions. */
export const fakeDefinitions = ({ name, host, guestOf, done }: AtHost): Definitions => ({
  xml: async (uuid, view) => done(withoutSecrets(viewOf(guestOf(uuid), view === 'live'))),
  secretXml: async (uuid, view) =>
    done(new Confidential(viewOf(guestOf(uuid), view === 'migratable'))),
  kept: async (uuid) => {
    const { hasManagedSave = false, snapshots = [], checkpoints = [] } = guestOf(uuid);
    return done({ hasManagedSave, snapshots, checkpoints });
  },
  snapshots: async (uuid) => done((guestOf(uuid).snapshots ?? []).map(toSnapshot)),
  defineSnapshots: async (uuid, snapshots) => {
    const guest = guestOf(uuid);
    if (snapshots.length > 0) guest.snapshots = snapshots.map(fromSnapshot);
    return done(undefined);
  },
  isAutostart: async (uuid) => done(guestOf(uuid).isAutostart),
  setAutostart: async (uuid, isOn) => {
    guestOf(uuid).isAutostart = isOn;
    return done(undefined);
  },
  define: (xml) => done(define(host, xml.reveal())),
  redefine: async (uuid, change) => done(define(host, change(guestOf(uuid).definition))),
  undefine: async (uuid, removing) => {
    const guest = host.guests.get(uuid);
    if (guest) undefine(name, host, uuid, guest, removing);
    return done(undefined);
  },
});

const viewOf = ({ xml, definition, isPersistent }: FakeGuest, isLive: boolean): string =>
  isLive || !isPersistent ? xml : definition;

/** libvirt leaves them out unless it is asked for them. */
const withoutSecrets = (xml: string): string => xml.replace(/ passwd=["'][^"']*["']/g, '');

const toSnapshot = ({ name, isExternal, isCurrent }: FakeSnapshot): Snapshot => ({
  name,
  isCurrent,
  xml: new Confidential(
    `<domainsnapshot><name>${name}</name>${String(isExternal)}</domainsnapshot>`,
  ),
});
const fromSnapshot = ({ name, isCurrent }: Snapshot): FakeSnapshot => ({
  name,
  isExternal: false,
  isCurrent,
});

/** What runs goes on as it is until it ends. */
function define(host: FakeHost, xml: string): void {
  const { uuid, name } = parseDomain(xml);
  const known = host.guests.get(uuid);
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

/** Refuses what libvirt refuses: to lose what was not named. */
function undefine(
  on: HostName,
  host: FakeHost,
  uuid: VmUuid,
  guest: FakeGuest,
  removing: readonly Attached[],
): void {
  if (isActive(guest.state)) {
    guest.isPersistent = false;
    return;
  }
  if (guest.hasManagedSave && !removing.includes('managed save'))
    throw failed(on, 'Refusing to undefine while domain managed save image exists', 55);
  if (guest.snapshots?.length && !removing.includes('snapshots'))
    throw failed(on, `cannot delete inactive domain with ${guest.snapshots.length} snapshots`, 55);
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
