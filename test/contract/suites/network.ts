/** What every host's network promises. */
import type { Binding, HostNetwork } from '../../../drivers/interfaces/network.js';
import type { BindingState, Port, SecurityGroup } from '../../../model/network.js';
import { codeThrownBy } from '../../helpers/thrown.js';
import { withGuest } from './fresh.js';
import { suiteGuest } from './guest.js';
import type { OpenSite } from './site.js';
import { describeTaps } from './taps.js';

const WEB: readonly SecurityGroup[] = [
  { name: 'web', ingress: [{ protocol: 'tcp', ports: '80', from: '0.0.0.0/0' }] },
];

/** Declares its tests. */
export function describeNetwork(name: string, open: OpenSite): void {
  describe(`a host’s network, ${name}`, () => {
    const at = withGuest(open, 92);
    const net = (): HostNetwork => at.site.near.network;
    const port = (): Port => at.guest.port;
    const other = (): Port => suiteGuest(at.site, 93).port;
    const bound = async (): Promise<Binding[]> =>
      (await net().bindings()).filter(({ mac }) =>
        [port(), other()].some((one) => one.mac === mac),
      );
    const as = ({ mac, tap }: Port, state: BindingState): Binding => ({ mac, tap, state });
    const clear = async () => {
      await net().unbind([port(), other()]);
    };
    beforeEach(clear);
    at.atEnd(clear);

    it('names its bridges', async () => {
      expect(await net().bridges()).toContain('br0');
    });

    it('says whether somebody listens at another host, and whether anybody answers', async () => {
      const { answering, silent, nowhere } = at.site;
      expect(await net().knock(answering.address, answering.port)).toBe('accepts');
      expect(await net().knock(silent.address, silent.port)).toBe('refuses');
      expect(await net().knock(nowhere.address, nowhere.port)).toBe('silent');
    });

    it('binds ports, inactive, and says what is bound', async () => {
      const answer = await net().bind([port(), other()], WEB);

      const both = [as(port(), 'inactive'), as(other(), 'inactive')];
      expect(answer).toEqual(expect.arrayContaining(both));
      expect(await bound()).toEqual(expect.arrayContaining(both));
    });

    it('has nothing to do for no ports', async () => {
      await net().bind([port()], WEB);

      expect(await net().bind([], WEB)).toEqual([]);
      await expect(net().activate([])).resolves.toBeUndefined();
      expect(await net().unbind([])).toEqual([]);
      expect(await bound()).toEqual([as(port(), 'inactive')]);
    });

    it('binds all or none: a group that nobody knows is refused', async () => {
      const strange = { ...other(), groups: ['nobody'] };
      const refusal = { code: 'SECURITY_GROUP_UNKNOWN' };

      await expect(net().bind([port(), strange], WEB)).rejects.toMatchObject(refusal);
      expect(await bound()).toEqual([]);
      expect(codeThrownBy(() => net().describe([strange], WEB))).toBe(refusal.code);
    });

    it('says beforehand what binding runs', () => {
      const commands = net().describe([port()], WEB).join('\n');

      expect(commands).toContain(port().mac);
      expect(commands).toContain(`"${port().tap}"`);
      expect(net().describe([], WEB)).toEqual([]);
    });

    describe('with a guest:', () => describeTaps(at, WEB));
  });
}
