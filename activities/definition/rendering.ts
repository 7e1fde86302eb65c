/** A guest's definition as the target gets it: rendered from the source's, kept on the target, found there by who needs it. */
import { defined } from '../../model/defined.js';
import { createHash } from 'node:crypto';
import { Confidential } from '../../model/confidential.js';
import type { SecretView } from '../../drivers/interfaces/hypervisor/definitions.js';
import type { RewriteContext } from '../../guest/account/fate.js';
import { renderedFor } from '../../guest/render.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { poolsNamedIn } from '../vm/pools.js';
import { refuseUnseen } from '../vm/seen.js';
import { addressLike } from '../host/console-address.js';
import type { RenderedName } from '../../drivers/interfaces/rendered.js';
import { CodedError } from '../../model/errors.js';
import type { Route } from '../../model/route.js';
import type { DiskPlan } from '../../model/storage.js';
import type { Port } from '../../model/network.js';
import { isActive } from '../../model/vm.js';
import type { Rendered } from '../../workflows/steps/definition.js';
import type { Ends } from '../guest/location.js';

/** Both views of a definition, rewritten; `live` only of a guest that is on. */
export interface Rendering {
  readonly live?: Confidential;
  readonly persistent: Confidential;
  readonly isPersistent: boolean;
  readonly changes: readonly string[];
  /** What the definition, or the running guest, does not have on the target any more. */
  readonly dropped: readonly string[];
}

/** What is rendered, and for which ports. */
export interface RenderingOrder {
  readonly route: Route;
  readonly ports: readonly Port[];
  readonly disks: readonly DiskPlan[];
  /** Drives that arrive empty. */
  readonly ejected?: readonly string[] | undefined;
  /** What the checks have seen of it: nothing else is rendered. */
  readonly seen?: readonly string[] | undefined;
  /** Nothing of the guest is on the target yet. */
  readonly isTrial?: boolean;
}

/** L5 F14. The live view is what the transfer needs, the definition what is defined afterwards. Changes nothing. @throws GUEST_MOVED */
export async function renderFor(ends: Ends, order: RenderingOrder): Promise<Rendering> {
  const { source } = ends;
  const { route } = order;
  const guest = await source.hypervisor.find(route.uuid);
  if (!guest) {
    throw new CodedError('GUEST_MOVED', `${route.name} is no longer on ${route.source}`, {
      hint: 'Run `drover discover`.',
    });
  }
  const { cpus, libvirtVersion } = await ends.target.hypervisor.facts();
  const there = { targetCpus: cpus, targetLibvirt: libvirtVersion };
  // One after the other: libvirt's answers that come together wait 40 ms for a delayed ACK.
  // A guest arrives before libvirt lists its volumes there.
  const live = isActive(guest.state)
    ? await rewritten(ends, order, { view: 'migratable', ...there, areVolumesFiles: true })
    : undefined;
  const view = guest.isPersistent ? 'definition' : 'migratable';
  const areVolumesFiles = order.isTrial ?? false;
  const persistent = await rewritten(ends, order, { view, ...there, areVolumesFiles });
  return {
    ...defined({ live: live ? live.xml : undefined }),
    persistent: persistent.xml,
    isPersistent: guest.isPersistent,
    changes: (live ?? persistent).changes,
    dropped: [...new Set([...(live?.dropped ?? []), ...persistent.dropped])],
  };
}

/** One view of the guest on its source, and what becomes of it. */
async function rewritten(
  { source, target }: Ends,
  { route, ports, disks, seen, ejected = [] }: RenderingOrder,
  {
    view,
    ...how
  }: { readonly view: SecretView } & Pick<
    RewriteContext,
    'targetCpus' | 'targetLibvirt' | 'areVolumesFiles'
  >,
) {
  const xml = await source.hypervisor.secretXml(route.uuid, view);
  const pools = await poolsNamedIn(source.hypervisor, [xml.reveal()]);
  const facts = parseDomain(xml.reveal(), pools);
  if (seen) refuseUnseen(route.name, facts, seen);
  const listens = facts.needs.some(({ need }) => need.kind === 'listen');
  const [here, there] = listens
    ? await Promise.all([source.surroundings.look(), target.surroundings.look()])
    : [];
  const found = renderedFor(xml.reveal(), {
    ports,
    disks,
    ejected,
    ...how,
    listenAddress: (on) => here && there && addressLike(on, here.addresses, there.addresses),
  });
  return { xml: new Confidential(found.xml), changes: found.changes, dropped: found.dropped };
}

/** Tells two renderings apart without saying what is in them. */
export const digestOf = (xml: Confidential): string =>
  createHash('sha256').update(xml.reveal()).digest('hex');

/**
 * The definition that `definition.render` has left on the target; rendered anew if it is not there any more, since what it is
 * made from stays on the source until the move is over.
 * @throws RENDERING_CHANGED if another text stands in its place; GUEST_MOVED
 */
export async function renderedOf(
  ends: Ends,
  order: RenderingOrder & Rendered,
  name: RenderedName,
): Promise<Confidential> {
  const given = name === 'live' ? order.liveXml : order.persistentXml;
  if (given !== undefined) return new Confidential(given);
  const { route, digests } = order;
  const found = await ends.target.rendered.get(route.migrationId, name);
  if (found && digestOf(found) !== digests?.[name])
    throw new CodedError(
      'RENDERING_CHANGED',
      `the definition of ${route.name} that was rendered on ${route.target} is not what it was`,
      { hint: `Somebody has changed it there (/var/lib/drover). Start the move again.` },
    );
  if (found) return found;
  const anew = await renderFor(ends, order);
  const xml = name === 'live' ? anew.live : anew.persistent;
  if (xml) return xml;
  throw new CodedError('GUEST_MOVED', `${route.name} does not run on ${route.source} any more`, {
    hint: 'Look at both hosts.',
  });
}
