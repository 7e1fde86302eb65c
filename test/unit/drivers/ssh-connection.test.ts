/** An ssh connection that breaks while drover uses it. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { Server, utils, type Connection } from 'ssh2';
import { sshConnection } from '../../../drivers/ssh/connection.js';
import { fingerprintOf } from '../../../drivers/ssh/known-hosts.js';
import { CodedError } from '../../../model/errors.js';
import { Host } from '../../../model/host.js';

/** ssh2 now and then makes a key that it cannot read itself: a number in it has begun with a zero. */
function keyPair(): ReturnType<typeof utils.generateKeyPairSync> {
  const pair = utils.generateKeyPairSync('ed25519');
  return utils.parseKey(pair.private) instanceof Error ? keyPair() : pair;
}
const hostKey = keyPair();
const login = keyPair();

/** A host that lets everybody in and runs nothing. */
async function startHost() {
  const sessions: Connection[] = [];
  const server = new Server({ hostKeys: [hostKey.private] }, (session) => {
    sessions.push(session);
    session.on('authentication', (asked) => asked.accept());
    session.on('session', (accept) => accept().on('exec', (run) => void run().exit(0)));
    session.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const parsed = utils.parseKey(hostKey.public);
  if (parsed instanceof Error) throw parsed;
  const host = Host.parse({
    name: 'kvm1',
    ssh: { user: 'root', address: '127.0.0.1', port: (server.address() as AddressInfo).port },
    libvirtUri: 'qemu+ssh://root@kvm1/system',
    hostKeyFingerprint: fingerprintOf(parsed.getPublicSSH()),
  });
  return { sessions, server, host };
}

it('that breaks between two calls is a host that cannot be reached, and is dialled anew', async () => {
  const { sessions, server, host } = await startHost();
  const identity = { privateKey: Buffer.from(login.private), knownHosts: '' };
  const connection = sshConnection(host, () => Promise.resolve(identity));
  try {
    (await connection.exec('true')).close();
    for (const session of sessions) session.end();

    // In every turn of the loop while the connection goes down, and until there is another one.
    const codes = new Set<string>();
    for (const deadline = Date.now() + 5000; sessions.length < 2 && Date.now() < deadline;) {
      await turn();
      const call = connection.exec('true').then(
        (channel) => channel.close(),
        (error: unknown) =>
          void codes.add(error instanceof CodedError ? error.code : String(error)),
      );
      if (sessions.length > 1) await call;
    }

    expect(sessions).toHaveLength(2);
    expect([...codes].filter((code) => code !== 'HOST_UNREACHABLE')).toEqual([]);
  } finally {
    connection.close();
    server.close();
  }
});
