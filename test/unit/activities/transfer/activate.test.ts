/** When the target's ports are switched on. */
import { activateAtSwitchover } from '../../../../activities/transfer/activate.js';
import { placedOn } from '../../../../activities/network/placed-on.js';
import type { LifecycleEvent } from '../../../../drivers/interfaces/hypervisor/power.js';
import { parseDomain } from '../../../../guest/xml/domain.js';
import { HostName } from '../../../../model/ids.js';
import { buildSite, endsOfMove } from '../../../helpers/fake-migration.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];

/** A guest with an inactive binding on h2, and somebody who listens on both hosts. */
async function listening() {
  const { world, inventory } = await buildSite(['shared']);
  const { source, target, uuid, guest } = await endsOfMove(world);
  const { ports } = parseDomain(guest.xml);
  const groups = await inventory.groups();
  await target.network.bind(await placedOn(target, ports), groups);
  const stop = await activateAtSwitchover({ source, target }, uuid, ports);
  const happens = (on: HostName, event: LifecycleEvent) => {
    for (const told of world.hosts.get(on)?.listeners ?? []) told(uuid, event);
  };
  const states = async () => (await target.network.bindings()).map(({ state }) => state);
  /** As libvirt has it on the target while the memory comes: paused, with its taps. */
  const arrives = () => {
    const xml = guest.xml.replace('vnet1', 'dr525400770001');
    const incoming = { ...guest, xml, state: 'paused' as const, isPersistent: false };
    world.hosts.get(H2)?.guests.set(uuid, incoming);
  };
  const listeners = () => [H1, H2].map((name) => world.hosts.get(name)?.listeners.size);
  return { arrives, stop, happens, states, listeners };
}

it('they stay inactive while the guest runs on the source', async () => {
  const { stop, states, listeners } = await listening();

  await stop();

  expect(await states()).toEqual(['inactive']);
  expect(listeners()).toEqual([0, 0]);
});

it('they are active before the guest runs on the target: when it stands still on the source', async () => {
  const { arrives, stop, happens, states } = await listening();
  arrives();

  happens(H1, 'switchover');

  await stop();
  expect(await states()).toEqual(['active']);
});

it('they are tried once more when the guest runs on the target, if they could not be switched on before', async () => {
  const { arrives, stop, happens, states } = await listening();
  happens(H1, 'switchover');
  await new Promise(setImmediate);
  arrives();

  happens(H2, 'resumed');

  await stop();
  expect(await states()).toEqual(['active']);
});
