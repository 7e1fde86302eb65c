/** Security groups: an unknown one is found before anything is touched, and UDP comes in only as an answer. */
import { GUEST } from '../../../lab/framework/guest.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { onHost } from '../../../lab/everyday.js';
import { moveTo } from '../../helpers/lab.js';
import { adopt, everydayLab, expectRefused } from '../../helpers/everyday.js';
import { askGuest, inLab, until } from '../../../lab/observer.js';

const { lab, make } = everydayLab();

describe('a security group', () => {
  it('that is not known is found before anything is touched', async () => {
    const guest = await make({
      name: 'group1',
      number: 80,
      beside: `<metadata><drover:vm xmlns:drover='https://drover.dev/xmlns/vm/1'><drover:port mac='52:54:00:77:00:80' groups='web db'/></drover:vm></metadata>`,
    });
    await adopt(lab);

    await expectRefused(lab, guest, {
      move: 'cold',
      to: 'h2',
      says: /the security group db of interface 52:54:00:77:00:80 is not known: drover groups apply FILE/,
    });
  });

  const guest = GUEST.web1;
  const { vm, ip } = guest;
  /** How many packets the guest's rules have let in by UDP, and how many were dropped in the end. */
  const dropped = async (host: string): Promise<number> => {
    const chain = await onHost(host, 'nft list chain bridge drover to_525400770001');
    return Number(/counter packets (\d+) bytes \d+ drop/.exec(chain)?.[1]);
  };
  const sendFrom = (port: number) =>
    onHost('fabric', `echo hello | socat -u - "UDP:$1:4000,sourceport=$2"`, ip, String(port));

  it.each([53, 67, 123, 40_000])(
    'lets nothing in because it comes from UDP port %i (S5)',
    async (port) => {
      await moveTo(lab, vm, 'h1');
      await lab.drover.enforceGroups('h1');
      const before = await dropped('h1');

      await sendFrom(port);

      await until(async () => (await dropped('h1')) > before, 'the packet to be dropped');
    },
  );

  describe('lets in what answers the guest’s own UDP', () => {
    /** Whatever it is asked, it answers with an error of TFTP's. */
    let server: ChildProcess;
    const SERVER = String.raw`$s = IO::Socket::INET->new(LocalPort => 5353, Proto => "udp") or die;
while (defined $s->recv($q, 512)) { $s->send("\0\5\0\1heard\0") }`;
    beforeEach(() => {
      server = spawn(...inLab('fabric', ['perl', '-MIO::Socket::INET', '-e', SERVER]));
    });
    afterEach(() => server.kill());
    const isAnswered = () =>
      until(
        async () => (await askGuest(ip, 'ask-udp?10.77.0.1:5353')).includes('heard'),
        'the answer to arrive',
      );

    it('before a move, and after it', async () => {
      await moveTo(lab, vm, 'h1');
      await lab.drover.enforceGroups('h1');
      await isAnswered();

      await moveTo(lab, vm, 'h2');

      await isAnswered();
      await moveTo(lab, vm, 'h1');
    });
  });
});
