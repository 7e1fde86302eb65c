/** What nftables answers on hosts, real and broken, and the rules that are sent. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linuxBridge } from '../../../drivers/network/linux-bridge.js';
import { bindRules } from '../../../drivers/network/nft.js';
import { Port, SecurityGroup } from '../../../model/network.js';
import { codeThrownBy } from '../../helpers/thrown.js';
import { shellSaying } from '../../helpers/shell-saying.js';

const port = Port.parse({
  mac: '52:54:00:77:00:01',
  bridge: 'br0',
  tap: 'dr525400770001',
  ip: '10.77.0.101',
  groups: ['web'],
});
const web = SecurityGroup.parse({
  name: 'web',
  ingress: [{ protocol: 'tcp', ports: '80-81', from: '10.0.0.0/8' }, { protocol: 'icmp' }],
});

describe('nftables', () => {
  it('lists the bindings of a real host', async () => {
    const bindings = await linuxBridge(
      'h1',
      shellSaying(`--\n${readFileSync(join(__dirname, '../../fixtures/nft-1.0.6.json'), 'utf8')}`),
    ).bindings();
    expect(bindings).toContainEqual(
      expect.objectContaining({
        mac: expect.stringMatching(/^52:54:00:77:00:0\d$/) as string,
        state: 'active',
      }),
    );
  });

  it.each(['', 'not json', '--\n', '--\n{"nftables": 3}', '--\n{}'])(
    'that answers %j is not believed',
    async (text) => {
      await expect(linuxBridge('h1', shellSaying(text)).bindings()).rejects.toMatchObject({
        code: 'BAD_ANSWER',
      });
    },
  );

  it('lets in what the groups let in, from where they say, and drops the rest', () => {
    const rules = bindRules(port, [web]);
    expect(rules).toContain(
      'to_525400770001 ether type ip ip saddr 10.0.0.0/8 tcp dport 80-81 accept',
    );
    expect(rules).toContain('to_525400770001 ether type ip ip protocol icmp accept');
    expect(rules.indexOf('to_525400770001 counter drop')).toBeGreaterThan(
      rules.indexOf('dport 80-81'),
    );
  });

  it('holds the guest to its own MAC and address', () => {
    const rules = bindRules(port, [web]);
    expect(rules).toContain('from_525400770001 ether saddr != 52:54:00:77:00:01 counter drop');
    expect(rules).toContain('arp saddr ip != { 10.77.0.101, 0.0.0.0 } counter drop');
  });

  it('lets a guest hide no address behind a tag that its receiver takes off, without groups either', () => {
    const rules = bindRules({ ...port, groups: [] }, []);
    expect(rules).toContain('from_525400770001 ether type 8021q vlan id 0 counter drop');
    expect(rules).toContain('from_525400770001 ether type 8021ad counter drop');
  });

  it('leaves a port without groups open: an adopted VM keeps its network', () => {
    expect(bindRules({ ...port, groups: [] }, [])).toContain('to_525400770001 accept');
  });

  it('refuses a group that nobody defined', () => {
    expect(codeThrownBy(() => bindRules(port, []))).toBe('SECURITY_GROUP_UNKNOWN');
  });
});
