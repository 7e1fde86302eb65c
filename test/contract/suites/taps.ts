/** What every host's network promises of ports whose guests start and end there. */
import type { Binding, HostNetwork } from '../../../drivers/interfaces/network.js';
import { Device } from '../../../model/ids.js';
import type { BindingState, Port, SecurityGroup } from '../../../model/network.js';
import type { OpenedGuest } from './fresh.js';
import { suiteGuest } from './guest.js';

/** Declares the tests. */
export function describeTaps(at: OpenedGuest, groups: readonly SecurityGroup[]): void {
  const net = (): HostNetwork => at.site.near.network;
  const port = (): Port => at.guest.port;
  const other = (): Port => suiteGuest(at.site, 93).port;
  const renamed = (tap: string): Port => ({ ...port(), tap: Device.parse(tap) });
  const bound = async (): Promise<Binding[]> =>
    (await net().bindings()).filter(({ mac }) => [port(), other()].some((one) => one.mac === mac));
  const as = ({ mac, tap }: Port, state: BindingState): Binding => ({ mac, tap, state });
  const refused = (work: Promise<unknown>) =>
    expect(work).rejects.toMatchObject({ code: 'BINDING_FAILED' });
  const start = () => at.near.start(at.uuid, { isPaused: true });

  it('activates the port of a guest that runs; bound again it stays active', async () => {
    await net().bind([port()], groups);
    await start();
    await net().activate([port()]);
    await net().activate([port()]);
    expect(await bound()).toEqual([as(port(), 'active')]);

    await net().bind([port()], groups);
    expect(await bound()).toEqual([as(port(), 'active')]);
  });

  it('activates no port that is not bound, and nothing is left of the attempt', async () => {
    await start();
    await refused(net().activate([port()]));

    await net().bind([port()], groups);
    expect(await bound()).toEqual([as(port(), 'inactive')]);
  });

  it('activates none of several ports if one has no tap on its bridge', async () => {
    await net().bind([port(), other()], groups);
    await start();

    await refused(net().activate([port(), other()]));
    expect((await bound()).map(({ state }) => state)).toEqual(['inactive', 'inactive']);
  });

  it('unbinds, and unbinds what is not bound', async () => {
    await net().bind([port(), other()], groups);
    expect(await net().unbind([port()])).toEqual([]);
    expect(await net().unbind([port()])).toEqual([]);
    expect(await bound()).toEqual([as(other(), 'inactive')]);
  });

  it('keeps the rules of a guest that runs, until it ends', async () => {
    await net().bind([port()], groups);
    await start();
    await net().activate([port()]);
    expect(await net().unbind([port()])).toEqual([]);
    expect(await bound()).toEqual([as(port(), 'active')]);

    await at.near.destroy(at.uuid);
    expect(await net().unbind([port()])).toEqual([]);
    expect(await bound()).toEqual([]);
  });

  it('bound again after its end, a port is inactive', async () => {
    await net().bind([port()], groups);
    await start();
    await net().activate([port()]);
    await at.near.destroy(at.uuid);
    await net().unbind([port()]);

    await net().bind([port()], groups);
    expect(await bound()).toEqual([as(port(), 'inactive')]);
  });

  it('refuses the address of a guest that runs here under another tap', async () => {
    await net().bind([port()], groups);
    await start();

    await refused(net().bind([renamed('drsuite92')], groups));
    expect(await bound()).toEqual([as(port(), 'inactive')]);
  });

  it('a port whose tap has another name now has that one only', async () => {
    await net().bind([port()], groups);
    await net().bind([renamed('drsuite92')], groups);

    expect(await bound()).toEqual([as(renamed('drsuite92'), 'inactive')]);
  });

  it('a tap that is another port’s now is that port’s only', async () => {
    await net().bind([port()], groups);
    await net().bind([{ ...other(), tap: port().tap }], groups);

    expect(await bound()).toEqual([{ mac: other().mac, tap: port().tap, state: 'inactive' }]);
  });
}
