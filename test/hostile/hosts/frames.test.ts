/** Frames that a guest with a security group could send, and be sent, to get round it (S5): real ones, on a lab host's bridge. */
import type { HostNetwork } from '../../../drivers/interfaces/network.js';
import { onHost } from '../../../lab/everyday.js';
import { Port, SecurityGroup } from '../../../model/network.js';
import { HostName } from '../../../model/ids.js';
import { labDataCentre } from '../../helpers/lab-contract-site.js';
import { frame } from '../../helpers/frames.js';

jest.setTimeout(60_000);

const ROGUE = Port.parse({
  mac: '52:54:00:77:fe:01',
  bridge: 'br0',
  tap: 'drrogue',
  ip: '10.77.0.241',
  groups: ['web'],
});
const VICTIM = Port.parse({
  mac: '52:54:00:77:fe:02',
  bridge: 'br0',
  tap: 'drvictim',
  ip: '10.77.0.242',
  groups: ['web'],
});
/** Somebody on the bridge whom no rule holds. */
const STRANGER = { mac: '52:54:00:77:fe:03', tap: 'drstranger', ip: '10.77.0.243' };
const WEB = SecurityGroup.parse({ name: 'web', ingress: [{ protocol: 'tcp', ports: '80' }] });

/** `$1` tap, `$2` MAC: a port on the bridge whose other end, `gTAP`, stands for a guest's network card. */
const PLUG = `set -e; ip link add "$1" type veth peer name "g$1"
ip link set "g$1" address "$2"; sysctl -qw "net.ipv6.conf.g$1.disable_ipv6=1" "net.ipv6.conf.$1.disable_ipv6=1"
ip link set "$1" master br0; ip link set "$1" up; ip link set "g$1" up`;
const UNPLUG = 'ip link del "$1" 2>/dev/null || :';

/**
 * `$1` who sends, `$2` who is sent to, then frames in hex: prints those that arrive, until the last, which nobody may hold back.
 * A frame never overtakes another on its way through a bridge.
 */
const EXCHANGE = `exec timeout 20 perl -e '
use Socket; my ($from, $to, @frames) = @ARGV;
sub open_on { my $name = shift; socket(my $s, 17, SOCK_RAW, 0x0300) or die "socket: $!";
  open my $f, "<", "/sys/class/net/$name/ifindex" or die "$name: $!"; chomp(my $index = <$f>);
  bind($s, pack("SnlSCCa8", 17, 3, $index, 0, 0, 0, "")) or die "bind: $!"; return $s }
my ($out, $in) = (open_on($from), open_on($to));
for my $hex (@frames) { my $f = pack("H*", $hex); defined send($out, $f, 0) or die "send: $!" }
while (defined recv($in, my $got, 2000, 0)) { my $hex = unpack("H*", $got);
  my ($which) = grep { index($hex, substr($frames[$_], -16)) >= 0 } 0 .. $#frames;
  next unless defined $which; print "$which\\n"; last if $which == $#frames }' "$@"`;

let net: HostNetwork;
const ports = [ROGUE, VICTIM];
const all = [...ports, STRANGER];
const unplug = async () => {
  for (const { tap } of all) await onHost('h1', UNPLUG, tap);
  await net.unbind(ports);
};
const hosts = labDataCentre();
beforeAll(async () => {
  net = (await hosts.on(HostName.parse('h1'))).network;
  await unplug();
  for (const { tap, mac } of all) await onHost('h1', PLUG, tap, mac);
  await net.bind(ports, [WEB]);
  await net.activate(ports);
});
afterAll(async () => {
  await unplug();
  hosts.close();
});

/** Whether a frame arrives; one that surely does is sent after it. */
async function arrives(from: string, to: string, asked: string, sure: string): Promise<boolean> {
  const said = await onHost('h1', EXCHANGE, `g${from}`, `g${to}`, asked, sure);
  const arrived = said.trim().split('\n');
  expect(arrived).toContain('1');
  return arrived.includes('0');
}

const to = { dst: STRANGER.mac, src: ROGUE.mac };
const own = { from: ROGUE.ip ?? '', to: STRANGER.ip };
const whoHas = { hardware: ROGUE.mac, ip: own.from, asks: own.to };

describe('what a guest in a group sends', () => {
  const leaves = (asked: string) => arrives(ROGUE.tap, STRANGER.tap, asked, frame.arp(to, whoHas));

  it.each([
    ['TCP from its own address', frame.ip(to, frame.tcp(own, { dport: 80 }))],
    ['UDP from its own address', frame.ip(to, frame.udp(own, { sport: 4000, dport: 53 }))],
    [
      'a request for an address',
      frame.ip(to, frame.udp({ ...own, from: '0.0.0.0' }, { sport: 68, dport: 67 })),
    ],
  ])('arrives: %s', async (_what, sent) => {
    expect(await leaves(sent)).toBe(true);
  });

  const spoofed = frame.tcp({ ...own, from: '10.77.0.1' }, { dport: 80 });
  it.each([
    ['from another MAC', frame.ip({ ...to, src: STRANGER.mac }, frame.tcp(own, { dport: 80 }))],
    ['from another address', frame.ip(to, spoofed)],
    ['from another address, with a tag of VLAN 0', frame.tagged(to, 0x8100, 0, spoofed)],
    ['from another address, with a tag of VLAN 7', frame.tagged(to, 0x8100, 7, spoofed)],
    ['from another address, with a provider’s tag', frame.tagged(to, 0x88a8, 0, spoofed)],
    ['ARP for another address', frame.arp(to, { ...whoHas, ip: '10.77.0.1' })],
    ['ARP that names another MAC', frame.arp(to, { ...whoHas, hardware: STRANGER.mac })],
    ['IPv6: that it is the router', frame.routerAdvertisement(to)],
    ['DHCP: an address for somebody', frame.ip(to, frame.udp(own, { sport: 67, dport: 68 }))],
  ])('does not arrive: %s (S5)', async (_what, sent) => {
    expect(await leaves(sent)).toBe(false);
  });
});

it('a forged frame does not draw another’s traffic to its sender (S5)', async () => {
  const forged = frame.arp(
    { dst: 'ff:ff:ff:ff:ff:ff', src: VICTIM.mac },
    { ...whoHas, hardware: VICTIM.mac },
  );
  const own = frame.arp(to, whoHas);
  await arrives(ROGUE.tap, STRANGER.tap, forged, own);

  const inward = { dst: VICTIM.mac, src: STRANGER.mac };
  const asked = { hardware: STRANGER.mac, ip: STRANGER.ip, asks: VICTIM.ip ?? '' };
  expect(
    await arrives(STRANGER.tap, VICTIM.tap, frame.arp(inward, asked), frame.arp(inward, asked)),
  ).toBe(true);
});

describe('what is sent to a guest in a group', () => {
  const inward = { dst: VICTIM.mac, src: STRANGER.mac };
  const way = { from: STRANGER.ip, to: VICTIM.ip ?? '' };
  const enters = (asked: string) =>
    arrives(
      STRANGER.tap,
      VICTIM.tap,
      asked,
      frame.arp(inward, { hardware: STRANGER.mac, ip: way.from, asks: way.to }),
    );

  it('arrives on the port that the group opens', async () => {
    expect(await enters(frame.ip(inward, frame.tcp(way, { dport: 80 })))).toBe(true);
  });

  it.each([
    ['TCP to another port', frame.ip(inward, frame.tcp(way, { dport: 81 }))],
    [
      'the same with a tag of VLAN 0',
      frame.tagged(inward, 0x8100, 0, frame.tcp(way, { dport: 81 })),
    ],
    ['the open port, with a tag', frame.tagged(inward, 0x8100, 7, frame.tcp(way, { dport: 80 }))],
    ['a first fragment without its flags', frame.ip(inward, frame.tinyFragment(way, 81))],
    ['UDP from port 53', frame.ip(inward, frame.udp(way, { sport: 53, dport: 4000 }))],
    ['UDP from port 67, unasked', frame.ip(inward, frame.udp(way, { sport: 67, dport: 68 }))],
    ['IPv6', frame.routerAdvertisement(inward)],
  ])('does not arrive: %s (S5)', async (_what, sent) => {
    expect(await enters(sent)).toBe(false);
  });
});
