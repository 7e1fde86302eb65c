/** Which host the scheduler takes, and what it says of the others. */
import { Host } from '../../../model/host.js';
import { HostName, HostPath } from '../../../model/ids.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { guestXml } from '../../../drivers/fake/build.js';
import { choose, type Candidate } from '../../../planning/choose-target.js';

const GIB = 1024 ** 3;
const vm = {
  ...parseDomain(guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['local'] })),
  host: HostName.parse('h1'),
  state: 'running' as const,
  isAutostart: false,
  antiAffinity: 'db',
};
const facts = {
  memoryBytes: 8 * GIB,
  freeMemoryBytes: 6 * GIB,
  cpus: 4,
  arch: 'x86_64',
  cpuModel: 'EPYC',
  libvirtVersion: 9_000_000,
  qemuVersion: 7_002_000,
  machines: ['pc-q35-7.2'],
  virtTypes: ['kvm'],
  bridges: ['br0'],
  networks: [],
};
const seen = {
  facts,
  cpu: { is: 'enough' } as const,
  rooms: {
    '/var/lib/libvirt/images/vm1': { freeBytes: GIB, isNetworkFilesystem: false, isLaidOut: true },
  },
};
const host = (name: string, more: Partial<Host> = {}) =>
  Host.parse({
    name,
    ssh: { user: 'root', address: name, port: 22 },
    libvirtUri: `qemu+tcp://${name}/system`,
    ...more,
  });
const candidate = (name: string, change: Partial<Candidate> = {}): Candidate => ({
  host: host(name),
  seen,
  guests: [],
  claimed: { memoryBytes: 0, vcpus: 0 },
  ...change,
});
const guest = {
  uuid: vm.uuid.replace('1', '9') as typeof vm.uuid,
  name: vm.name,
  memoryBytes: GIB,
  vcpus: 1,
};

it('takes the host with the most free memory', () => {
  const full = candidate('h2', { guests: [guest] });
  expect(choose(vm, [candidate('h1'), full, candidate('h3')])).toMatchObject({ target: 'h3' });
});

it('takes the host that was asked for, if it fits', () => {
  expect(choose(vm, [candidate('h2'), candidate('h3')], HostName.parse('h2'))).toEqual({
    target: 'h2',
    reason: 'requested, and it fits',
  });
});

it.each([
  { name: 'it is the source', change: { host: host('h1') }, says: 'the guest runs there' },
  {
    name: 'it is drained',
    change: { host: host('h2', { state: 'draining' }) },
    says: 'the host is draining',
  },
  {
    name: 'it is disabled',
    change: { host: host('h2', { state: 'disabled' }) },
    says: 'the host is disabled',
  },
  {
    name: 'it cannot be reached',
    change: { seen: undefined, unreachable: 'cannot reach h2' },
    says: 'cannot reach h2',
  },
  {
    name: 'a sibling runs there',
    change: { guests: [{ ...guest, antiAffinity: 'db' }] },
    says: 'vm1 of the anti-affinity group db runs there',
  },
  {
    name: 'guests take its memory',
    change: { guests: [{ ...guest, memoryBytes: 7 * GIB }] },
    says: '1024 MiB of memory wanted, 512 MiB free',
  },
  {
    name: 'open migrations take its memory',
    change: { claimed: { memoryBytes: 7 * GIB, vcpus: 0 } },
    says: '1024 MiB of memory wanted, 512 MiB free',
  },
  {
    name: 'its vCPUs are sold',
    change: { claimed: { memoryBytes: 0, vcpus: 64 } },
    says: '1 vCPUs wanted, 0 free',
  },
  {
    name: 'it is of another kind',
    change: { seen: { ...seen, facts: { ...facts, arch: 'aarch64' } } },
    says: 'its architecture is aarch64',
  },
  {
    name: 'it cannot run such domains',
    change: { seen: { ...seen, facts: { ...facts, virtTypes: ['qemu'] } } },
    says: 'it has no kvm domains',
  },
  {
    name: 'it lacks the machine type',
    change: { seen: { ...seen, facts: { ...facts, machines: [] } } },
    says: 'it lacks the machine type pc-q35-7.2',
  },
  {
    name: 'its CPU is older',
    change: { seen: { ...seen, cpu: { is: 'incompatible', lacks: 'avx2' } as const } },
    says: "its CPU (EPYC) lacks what the guest's CPU has: avx2",
  },
  {
    name: 'it lacks the bridge',
    change: { seen: { ...seen, facts: { ...facts, bridges: ['br1'] } } },
    says: 'it lacks the bridge br0',
  },
  {
    name: 'it has no place for the disks',
    change: {
      seen: {
        ...seen,
        rooms: { '/data/vm1': { freeBytes: 0, isNetworkFilesystem: false, isLaidOut: false } },
      },
    },
    says: 'it has no place for /data/vm1: the folder above it is not there (mkdir -p, or mount it)',
  },
])('refuses a host because $name, and says so', ({ change, says }) => {
  const choice = choose(vm, [candidate('h2', change)]);
  expect(choice).toEqual({ refusals: [{ host: change.host?.name ?? 'h2', reasons: [says] }] });
});

it('says all that speaks against a host at once, in the order of the criteria', () => {
  const rooms = Object.fromEntries(
    ['/data/a', '/data/b'].map((path) => [
      path,
      { freeBytes: 0, isNetworkFilesystem: false, isLaidOut: false },
    ]),
  );
  const change = {
    guests: [{ ...guest, memoryBytes: 7 * GIB, antiAffinity: 'db' }],
    seen: { ...seen, rooms, facts: { ...facts, machines: [], bridges: [] } },
  };

  expect(choose(vm, [candidate('h2', change)])).toEqual({
    refusals: [
      {
        host: 'h2',
        reasons: [
          'vm1 of the anti-affinity group db runs there',
          '1024 MiB of memory wanted, 512 MiB free',
          'it lacks the machine type pc-q35-7.2',
          'it lacks the bridge br0',
          'it has no place for /data/a: the folder above it is not there (mkdir -p, or mount it)',
          'it has no place for /data/b: the folder above it is not there (mkdir -p, or mount it)',
        ],
      },
    ],
  });
});

it('says that a disabled host may not be had either', () => {
  const change = { host: host('h2', { state: 'disabled' }), seen: undefined, forbidden: 'not his' };

  expect(choose(vm, [candidate('h2', change)])).toEqual({
    refusals: [{ host: 'h2', reasons: ['the host is disabled', 'not his'] }],
  });
});

it('names every host, also those that would have fit, when the one asked for does not', () => {
  const choice = choose(
    vm,
    [candidate('h2', { host: host('h2', { state: 'disabled' }) }), candidate('h3')],
    HostName.parse('h2'),
  );
  expect(choice).toEqual({
    refusals: [
      { host: 'h2', reasons: ['the host is disabled'] },
      { host: 'h3', reasons: ['would fit, but was not requested'] },
    ],
  });
});

it('says that a host is not known', () => {
  expect(choose(vm, [], HostName.parse('nowhere'))).toEqual({
    refusals: [{ host: 'nowhere', reasons: ['is not in the inventory'] }],
  });
});

it('refuses maps that would make one file of two disks', () => {
  const two = {
    ...vm,
    ...parseDomain(guestXml({ number: 1, name: 'vm1', host: 'h1', disks: ['local', 'shared'] })),
  };
  const one = { kind: 'file' as const, path: HostPath.parse('/fast/disk') };
  const placement = { disks: { vda: one, vdb: one }, ports: {} };

  expect(choose(two, [candidate('h2', { placement })])).toEqual({
    refusals: [{ host: 'h2', reasons: ['two of its disks would be /fast/disk there'] }],
  });
});
