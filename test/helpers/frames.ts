/** Ethernet frames in hex, as much of them as rules look at. Each ends with eight bytes of its own, by which it is known again. */
import { randomBytes } from 'node:crypto';

/** Who sends and who is sent to, by their MACs. */
interface Ends {
  readonly dst: string;
  readonly src: string;
}
/** The same by IPv4 addresses. */
interface Way {
  readonly from: string;
  readonly to: string;
}

const hexOf = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0');
const mac = (address: string) => address.replaceAll(':', '');
const ip4 = (address: string) =>
  address
    .split('.')
    .map((part) => hexOf(Number(part), 1))
    .join('');
const marker = () => randomBytes(8).toString('hex');
const ethernet = ({ dst, src }: Ends, type: number, content: string) =>
  mac(dst) + mac(src) + hexOf(type, 2) + content;

/** The sum of a header's words, as IPv4 has it: a bridge drops what has another. */
function checksumOf(header: string): string {
  const words = header.match(/.{4}/g) ?? [];
  let sum = words.reduce((total, word) => total + parseInt(word, 16), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return hexOf(~sum & 0xffff, 2);
}

/** An IPv4 packet without options. */
function ipv4({ from, to }: Way, protocol: number, content: string, fragment = 0): string {
  const before = `4500${hexOf(20 + content.length / 2, 2)}0001${hexOf(fragment, 2)}40${hexOf(protocol, 1)}`;
  const after = `${ip4(from)}${ip4(to)}`;
  return `${before}${checksumOf(`${before}0000${after}`)}${after}${content}`;
}

export const frame = {
  ip: (ends: Ends, packet: string): string => ethernet(ends, 0x0800, packet),

  /** A tag before an IPv4 packet. */
  tagged: (ends: Ends, type: number, vlan: number, packet: string): string =>
    ethernet(ends, type, `${hexOf(vlan, 2)}0800${packet}`),

  /** The first segment of a connection. */
  tcp: (way: Way, { dport }: { dport: number }): string =>
    ipv4(way, 6, `9c40${hexOf(dport, 2)}00000001000000005002200000000000${marker()}`),

  /** The first eight bytes of one, as a fragment that more follow: its flags are in the next. */
  tinyFragment: (way: Way, dport: number): string =>
    ipv4(way, 6, `9c40${hexOf(dport, 2)}${marker().slice(0, 8)}`, 0x2000),

  udp: (way: Way, { sport, dport }: { sport: number; dport: number }): string =>
    ipv4(way, 17, `${hexOf(sport, 2)}${hexOf(dport, 2)}00100000${marker()}`),

  /** Who has an address, asked by somebody who says who he is. */
  arp: (ends: Ends, { hardware, ip, asks }: { hardware: string; ip: string; asks: string }) =>
    ethernet(
      ends,
      0x0806,
      `0001080006040001${mac(hardware)}${ip4(ip)}000000000000${ip4(asks)}${'00'.repeat(10)}${marker()}`,
    ),

  /** IPv6 to all nodes: whoever sends it wants to be their router. */
  routerAdvertisement: (ends: Ends): string =>
    ethernet(
      ends,
      0x86dd,
      `6000000000183aff${'fe80'.padEnd(32, '0')}${'ff02'.padEnd(30, '0')}01860000004000ffff0000000000000000${marker()}`,
    ),
};
