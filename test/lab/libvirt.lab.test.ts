/** libvirt's RPC protocol against a real libvirtd, over a real ssh connection. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Confidential } from '../../model/confidential.js';
import { connectDataCentre } from '../../drivers/hosts/connect.js';
import type { DataCentre, HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { readDomain } from '../../drivers/libvirt/domain-ref.js';
import { libvirtLink } from '../../drivers/libvirt/link.js';
import { PROC } from '../../drivers/libvirt/rpc/protocol.js';
import { XdrWriter } from '../../drivers/libvirt/rpc/xdr.js';
import { sshConnection } from '../../drivers/ssh/connection.js';
import { restartLibvirt, runInLab, until } from '../../lab/observer.js';
import { LAB_DIR, LAB_SSH_PORTS } from '../../lab/folder.js';
import { labHost } from '../../lab/site.js';
import { HostName, MigrationId, VmUuid } from '../../model/ids.js';
import { closeLab, connectLab, moveTo, type Lab } from '../helpers/lab.js';

jest.setTimeout(60_000);

const WEB1 = VmUuid.parse('77000000-0000-4000-8000-000000000001');
const NOBODY = VmUuid.parse('77000000-0000-4000-8000-00000000dead');
const identity = (knownHosts = readFileSync(join(LAB_DIR, 'ssh', 'known_hosts'), 'utf8')) => ({
  privateKey: readFileSync(join(LAB_DIR, 'ssh', 'id_ed25519')),
  knownHosts,
});

let lab: Lab;
let dataCentre: DataCentre;
let h1: HostDrivers;
beforeAll(async () => {
  lab = await connectLab();
  await moveTo(lab, 'web1', 'h1');
  dataCentre = connectDataCentre({
    lookup: (name) => Promise.resolve(labHost(name)),
    identity: () => Promise.resolve(identity()),
  });
  h1 = await dataCentre.on(HostName.parse('h1'));
});
afterAll(async () => {
  dataCentre.close();
  await closeLab(lab);
});

it('tells what the host is', async () => {
  const facts = await h1.hypervisor.facts();
  expect(facts).toMatchObject({ arch: 'x86_64', cpus: expect.any(Number) as number });
  expect(facts.memoryBytes).toBeGreaterThan(1024 ** 3);
  expect(facts.libvirtVersion).toBeGreaterThan(9_000_000 - 1);
  expect(facts.machines).toContain('pc-q35-7.2');
});

it('finds a guest, and nothing where nothing is', async () => {
  expect(await h1.hypervisor.find(WEB1)).toEqual({
    uuid: WEB1,
    name: 'web1',
    state: 'running',
    reason: 'other',
    isPersistent: true,
  });
  expect(await h1.hypervisor.find(NOBODY)).toBeUndefined();
  expect((await h1.hypervisor.guests()).map(({ name }) => name)).toContain('web1');
});

it('keeps the mark of a migration with the domain, and forgets it', async () => {
  const { hypervisor } = h1;
  expect(await hypervisor.readMark(WEB1)).toEqual({});
  await hypervisor.writeMark(WEB1, { migrationId: MigrationId.parse('m-1'), epoch: 3 });
  await hypervisor.writeMark(WEB1, { migrationId: MigrationId.parse('m-1'), epoch: 4 });
  expect(await hypervisor.readMark(WEB1)).toEqual({ mark: { migrationId: 'm-1', epoch: 4 } });
  expect(await hypervisor.xml(WEB1, 'inactive')).toContain('epoch=');
  await hypervisor.writeMark(WEB1, undefined);
  expect(await hypervisor.readMark(WEB1)).toEqual({});
  expect(await hypervisor.readMark(NOBODY)).toBeUndefined();
  await expect(hypervisor.writeMark(NOBODY, undefined)).resolves.toBeUndefined();
});

it('has no job to show, and none to abort', async () => {
  expect(await h1.hypervisor.job(WEB1)).toBeUndefined();
  expect(await h1.hypervisor.job(NOBODY)).toBeUndefined();
  await expect(h1.hypervisor.abortJob(WEB1)).resolves.toBeUndefined();
  await expect(h1.hypervisor.abortJob(NOBODY)).resolves.toBeUndefined();
});

it('measures what a guest writes', async () => {
  expect(await h1.hypervisor.dirtyRate(WEB1, 1)).toEqual(expect.any(Number));
});

it('sets and clears autostart', async () => {
  await h1.hypervisor.setAutostart(WEB1, true);
  expect(await h1.hypervisor.isAutostart(WEB1)).toBe(true);
  await h1.hypervisor.setAutostart(WEB1, false);
  expect(await h1.hypervisor.isAutostart(WEB1)).toBe(false);
});

it.each([
  {
    name: 'XML that is none',
    call: () => h1.hypervisor.define(new Confidential('<domain')),
    code: 35,
  },
  { name: 'a domain that is not there', call: () => h1.hypervisor.xml(NOBODY, 'live'), code: 42 },
])('answers $name with libvirt’s code', async ({ call, code }) => {
  await expect(call()).rejects.toMatchObject({ code: 'LIBVIRT_FAILED', libvirtCode: code });
});

it('refuses a transfer to nowhere, and the guest runs on', async () => {
  const liveXml = await h1.hypervisor.secretXml(WEB1, 'migratable');
  const spec = {
    targetUri: 'qemu+tcp://10.77.0.99/system',
    liveXml,
    copiedDevices: [],
    isSharingProved: true,
    isPostCopyAllowed: false,
    isAutoConverge: false,
    isEncrypted: false,
    parallelConnections: 1,
    firstDowntimeMs: 300,
  };
  await expect(h1.hypervisor.startTransfer(WEB1, spec)).rejects.toMatchObject({
    code: 'LIBVIRT_FAILED',
    libvirtCode: 38,
  });
  expect((await h1.hypervisor.find(WEB1))?.state).toBe('running');
});

it('hears events', async () => {
  const ssh = sshConnection(labHost('h1'), () => Promise.resolve(identity()));
  const link = libvirtLink(labHost('h1'), ssh);
  const rpc = await link.openOwn();
  const heard: string[] = [];
  rpc.onEvent(PROC.eventLifecycle, (reader) => {
    reader.int();
    const { name } = readDomain(reader);
    heard.push(`${name} ${reader.int()}`);
  });
  await rpc.call(PROC.eventRegister, new XdrWriter().int(0).uint(0));

  await runInLab('h1', ['virsh', '-q', 'suspend', 'web1']);
  await runInLab('h1', ['virsh', '-q', 'resume', 'web1']);

  // 3 suspended, 4 resumed.
  await until(() => heard.includes('web1 4'), `the event of the resume, heard ${heard.join(', ')}`);
  expect(heard).toEqual(['web1 3', 'web1 4']);
  rpc.close();
  ssh.close();
});

it('is there again after its daemon was restarted', async () => {
  await restartLibvirt('h1');

  // The first question after a restart may still meet the old connection's end.
  await until(
    () =>
      h1.hypervisor.find(WEB1).then(
        (guest) => guest?.state === 'running',
        () => false,
      ),
    'the guest to be seen again',
  );
});

describe('a host key', () => {
  const find = async (knownHosts: string) => {
    const centre = connectDataCentre({
      lookup: (name) => Promise.resolve(labHost(name)),
      identity: () => Promise.resolve(identity(knownHosts)),
    });
    try {
      const { hypervisor } = await centre.on(HostName.parse('h1'));
      return await hypervisor.find(WEB1);
    } finally {
      centre.close();
    }
  };

  it('that nobody knows is refused', async () => {
    await expect(find('')).rejects.toMatchObject({
      code: 'HOST_KEY_UNKNOWN',
      hint: expect.stringContaining('--fingerprint SHA256:') as string,
    });
  });

  it('that is another than the known one is refused', async () => {
    const h2 =
      readFileSync(join(LAB_DIR, 'ssh', 'known_hosts'), 'utf8')
        .split('\n')
        .find((line) => line.includes(`:${LAB_SSH_PORTS + 2}`)) ?? '';
    await expect(
      find(h2.replace(`:${LAB_SSH_PORTS + 2}`, `:${LAB_SSH_PORTS + 1}`)),
    ).rejects.toMatchObject({
      code: 'HOST_KEY_MISMATCH',
    });
  });
});
