/** TLS to Temporal, with a certificate on both sides; the server's end is played by a proxy before the real one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessFrom, type AccessFiles } from '../../client/access.js';
import { connectDrover } from '../../client/drover.js';
import { createWorker } from '../../workers/worker.js';
import { buildSite } from '../helpers/fake-migration.js';
import { BUNDLE } from '../helpers/workflow-site.js';

jest.setTimeout(60_000);

const temporal = process.env['DROVER_TEST_TEMPORAL'] ?? '';
const taskQueue = 'test-tls';
let folder = '';
let proxy: Server;
let address = '';
const file = (name: string) => join(folder, name);
const openssl = (...argv: string[]) =>
  void execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' });

/** A certificate by the test's own authority. */
function certify(name: string): void {
  const request = ['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`];
  openssl(...request, '-keyout', `${name}.key`, '-out', `${name}.csr`);
  writeFileSync(file('names'), `subjectAltName=DNS:${name}`);
  const signed = [
    'x509',
    '-req',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
  ];
  openssl(...signed, '-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', 'names');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-tls-'));
  const authority = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=ca',
  ];
  openssl(...authority, '-keyout', 'ca.key', '-out', 'ca.crt');
  for (const name of ['temporal.test', 'worker.test']) certify(name);
  const [ca, cert, key] = ['ca.crt', 'temporal.test.crt', 'temporal.test.key'].map((name) =>
    readFileSync(file(name)),
  );
  const trust = { ca: ca as Buffer, cert: cert as Buffer, key: key as Buffer };
  proxy = createServer(
    { ...trust, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
    (socket) => {
      const [host = '', port] = temporal.split(':');
      const plain = connect(Number(port), host);
      for (const [from, to] of [
        [socket, plain],
        [plain, socket],
      ] as const)
        from.on('error', () => to.destroy()).pipe(to);
    },
  );
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(() => {
  proxy.close();
  rmSync(folder, { recursive: true });
});

const files = (more: Partial<AccessFiles['tlsFiles']> = {}): AccessFiles => ({
  codecKeysFile: undefined,
  tlsFiles: {
    isOn: true,
    serverName: 'temporal.test',
    caFile: file('ca.crt'),
    certFile: file('worker.test.crt'),
    keyFile: file('worker.test.key'),
    ...more,
  },
});

it('worker and client reach Temporal over TLS, each side showing its certificate', async () => {
  const access = await accessFrom(files());
  const site = await buildSite(['shared']);
  const running = await createWorker({
    temporal: { address, namespace: 'default', taskQueue },
    deps: site.deps,
    bundle: BUNDLE,
    ...access,
  });
  const ended = running.worker.run();
  const drover = await connectDrover({ address, taskQueue, ...access });
  try {
    const asked = { vm: 'vm1', target: 'h2', requestedBy: 'test', reason: 'tls' };
    const migration = await drover.startLiveMigration(asked);
    expect(await migration.result()).toMatchObject({ outcome: 'moved' });
  } finally {
    running.worker.shutdown();
    await ended;
    await Promise.all([drover.close(), running.close()]);
  }
});

it.each([
  ['without TLS', async () => ({})],
  [
    'without a certificate of its own',
    () => accessFrom(files({ certFile: undefined, keyFile: undefined })),
  ],
  ['that expects another server', () => accessFrom(files({ serverName: 'other.test' }))],
])('a client %s is not let in', async (_, access) => {
  await expect(connectDrover({ address, taskQueue, ...(await access()) })).rejects.toMatchObject({
    code: 'HOST_UNREACHABLE',
  });
});

it.each([
  ['that is not there', { caFile: '/nowhere/ca.crt' }, '/nowhere/ca.crt'],
  ['without its key', { keyFile: undefined }, 'needs its key'],
])('a certificate %s is refused', async (_, more, says) => {
  await expect(accessFrom(files(more))).rejects.toThrow(says);
});
