/** The nftables text of a port's rules: anti-spoofing by MAC and address, and what its security groups let in. */
import { CodedError } from '../../model/errors.js';
import type { Port, SecurityGroup, SecurityRule } from '../../model/network.js';

/** Everything of drover's is in this table; others' tables are never touched. */
export const TABLE = 'bridge drover';

/** Suffix of a port's chains: its MAC without colons, since names take no colon. */
export const chainSuffix = (mac: string): string => mac.replaceAll(':', '');

/**
 * The table, its maps and base chains; applying it again changes nothing. TCP needs no entry in a connection table to survive
 * the move to another host; what else a guest has asked for is kept per port, for a minute, and made anew by its next packet.
 * What a guest sends is looked at before the bridge learns from it where a MAC is: else a forged frame would draw another guest's
 * traffic to its port. The chain `input` only lets go of what an older release has put there.
 */
export const BASE = `add table ${TABLE}
add set ${TABLE} active { type ifname; }
add map ${TABLE} from { type ifname : verdict; }
add map ${TABLE} to { type ifname : verdict; }
add chain ${TABLE} prerouting { type filter hook prerouting priority -300; policy accept; }
add chain ${TABLE} forward { type filter hook forward priority 0; policy accept; }
add chain ${TABLE} input { type filter hook input priority 0; policy accept; }
add chain ${TABLE} output { type filter hook output priority 0; policy accept; }
flush chain ${TABLE} prerouting
flush chain ${TABLE} forward
flush chain ${TABLE} input
flush chain ${TABLE} output
add rule ${TABLE} prerouting iifname vmap @from
add rule ${TABLE} forward oifname vmap @to
add rule ${TABLE} output oifname vmap @to
`;

/** The commands that bind one port under its tap; they replace an older binding of it. */
export function bindRules(port: Port, groups: readonly SecurityGroup[]): string {
  const suffix = chainSuffix(port.mac);
  const [from, to] = [`${TABLE} from_${suffix}`, `${TABLE} to_${suffix}`];
  const lines = [
    ...setsOf(suffix),
    `add chain ${from}`,
    `add chain ${to}`,
    `flush chain ${from}`,
    `flush chain ${to}`,
    `add rule ${from} ether saddr != ${port.mac} counter drop`,
    ...antiSpoofing(from, port),
    ...fencing(from, port),
    ...remembering(from, suffix, port),
    // Back to the base chain: a packet between two guests of one host passes the other's rules as well.
    `add rule ${from} return`,
    ...ingress(to, port, groups),
    // A tap that is in the map already, with the same chain, is no error for "add element".
    `add element ${TABLE} from { "${port.tap}" : jump from_${suffix} }`,
    `add element ${TABLE} to { "${port.tap}" : jump to_${suffix} }`,
  ];
  return `${lines.join('\n')}\n`;
}

/** What a guest has asked by UDP, and of whom; and that it has asked for an address, which is answered by whom it did not know. */
const setsOf = (suffix: string): string[] => [
  `add set ${TABLE} asked_${suffix} { type ipv4_addr . inet_service . inet_service; flags dynamic,timeout; timeout 60s; size 16384; }`,
  `add set ${TABLE} dhcp_${suffix} { type inet_service; flags dynamic,timeout; timeout 60s; size 4; }`,
];

/** Each packet that the guest sends keeps the way back open: address, port there, port here. */
function remembering(chain: string, suffix: string, { groups }: Port): string[] {
  if (groups.length === 0) return [];
  return [
    `add rule ${chain} ether type ip ip protocol udp update @asked_${suffix} { ip daddr . udp dport . udp sport }`,
    `add rule ${chain} ether type ip udp sport 68 udp dport 67 update @dhcp_${suffix} { udp sport }`,
  ];
}

/** Removes a port's chains and sets; they are added first so that this works for absent ones too. */
export function removeRules(mac: string): string[] {
  const suffix = chainSuffix(mac);
  const chains = [`${TABLE} from_${suffix}`, `${TABLE} to_${suffix}`];
  return [
    ...setsOf(suffix),
    ...chains.map((chain) => `add chain ${chain}`),
    ...chains.map((chain) => `flush chain ${chain}`),
    ...chains.map((chain) => `delete chain ${chain}`),
    ...['asked', 'dhcp'].map((name) => `delete set ${TABLE} ${name}_${suffix}`),
  ];
}

/** A frame of VLAN 0, or with a provider's tag, may be read by its receiver as one without a tag, and no rule for IPv4 or ARP sees it. */
function antiSpoofing(chain: string, { mac, ip }: Port): string[] {
  if (ip === undefined) return [];
  return [
    `add rule ${chain} ether type 8021q vlan id 0 counter drop`,
    `add rule ${chain} ether type 8021ad counter drop`,
    `add rule ${chain} ether type arp arp saddr ether != ${mac} counter drop`,
    `add rule ${chain} ether type arp arp saddr ip != { ${ip}, 0.0.0.0 } counter drop`,
    `add rule ${chain} ether type ip ip saddr != { ${ip}, 0.0.0.0 } counter drop`,
  ];
}

/**
 * Groups speak of IPv4, so that a port with groups sends nothing else: no tagged frame, and no IPv6, whose answers would not be
 * let in and whose router advertisements would lead others here. Nor does it hand out addresses.
 */
function fencing(chain: string, { groups }: Port): string[] {
  if (groups.length === 0) return [];
  return [
    `add rule ${chain} ether type != { ip, arp } counter drop`,
    `add rule ${chain} ether type ip udp sport 67 udp dport 68 counter drop`,
  ];
}

/** What may go to the guest. A port without groups is not filtered: an adopted VM keeps the network it had. */
function ingress(chain: string, port: Port, groups: readonly SecurityGroup[]): string[] {
  if (port.groups.length === 0) return [`add rule ${chain} accept`];
  const rules = port.groups.flatMap((name) => groupOf(name, groups).ingress);
  const suffix = chainSuffix(port.mac);
  return [
    `add rule ${chain} ether type arp accept`,
    ...rules.map((rule) => `add rule ${chain} ${match(rule)} accept`),
    // Replies to what the guest opened itself: every TCP segment that does not open a connection, and what answers its UDP.
    `add rule ${chain} ether type ip ip protocol tcp tcp flags & (syn | ack) != syn accept`,
    `add rule ${chain} ether type ip ip protocol udp ip saddr . udp sport . udp dport @asked_${suffix} accept`,
    `add rule ${chain} ether type ip udp sport 67 udp dport @dhcp_${suffix} accept`,
    `add rule ${chain} counter drop`,
  ];
}

function groupOf(name: string, groups: readonly SecurityGroup[]): SecurityGroup {
  const group = groups.find((candidate) => candidate.name === name);
  if (group) return group;
  throw new CodedError('SECURITY_GROUP_UNKNOWN', `the security group ${name} is not known`, {
    hint: 'Put it into a file and run `drover groups apply FILE`.',
    facts: { group: name },
  });
}

function match({ protocol, ports, from }: SecurityRule): string {
  const source = from === '0.0.0.0/0' ? '' : `ip saddr ${from} `;
  if (protocol === 'icmp') return `ether type ip ${source}ip protocol icmp`;
  return `ether type ip ${source}${protocol} dport ${ports ?? '0-65535'}`;
}

/** What binds these ports, as a person would type it. */
export const bindCommands = (ports: readonly Port[], groups: readonly SecurityGroup[]): string[] =>
  ports.flatMap((port) => ['nft -f - <<EOF', ...bindRules(port, groups).trim().split('\n'), 'EOF']);
