/** What commands on hosts answer: real answers, broken ones, and the rules that are sent. */
import { hostTraces, readTrace } from '../../../drivers/storage/traces.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linuxBridge } from '../../../drivers/network/linux-bridge.js';
import { bindRules } from '../../../drivers/network/nft.js';
import { imageStore, parseSums } from '../../../drivers/images/curl.js';
import type { HostShell, RunOptions, RunResult } from '../../../drivers/interfaces/shell.js';
import { inspectImage } from '../../../drivers/storage/qemu-img.js';
import { Port, SecurityGroup } from '../../../model/network.js';
import { ran } from '../../helpers/ran.js';
import { codeThrownBy } from '../../helpers/thrown.js';

/** A shell that answers the same to everything, and keeps what it was told to run. */
function shellSaying(stdout: string, exitCode = 0): HostShell & { inputs: string[] } {
  const inputs: string[] = [];
  const answer = (options?: RunOptions): Promise<RunResult> => {
    inputs.push(options?.stdin ?? '');
    return Promise.resolve(ran({ stdout, stderr: 'it says', exitCode }));
  };
  return {
    inputs,
    run: (_command, _args, options) => answer(options),
    pipe: () => Promise.resolve(),
  };
}

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

  it('leaves a port without groups open: an adopted VM keeps its network', () => {
    expect(bindRules({ ...port, groups: [] }, [])).toContain('to_525400770001 accept');
  });

  it('refuses a group that nobody defined', () => {
    expect(codeThrownBy(() => bindRules(port, []))).toBe('SECURITY_GROUP_UNKNOWN');
  });
});

describe('qemu-img', () => {
  const said = (...infos: (object | string)[]) =>
    infos
      .map((info) => `${typeof info === 'string' ? info : JSON.stringify(info)}\n--- 0\n`)
      .join('');
  const info = (more: object) => ({
    format: 'qcow2',
    'virtual-size': 64,
    'actual-size': 8,
    ...more,
  });
  /** Answers one layer after the other. */
  const shellOfLayers = (...layers: string[]): HostShell => {
    const left = [...layers];
    return {
      ...shellSaying(''),
      run: () => Promise.resolve(ran({ stdout: left.shift() ?? '' })),
    };
  };
  const inspect = (...layers: string[]) =>
    inspectImage(shellOfLayers(...layers), 'h1', '/a', 'qcow2');

  it('gives sizes and the chain below, each layer asked by itself', async () => {
    const top = said(info({ 'full-backing-filename': '/b', 'backing-filename-format': 'raw' }));
    const base = said(info({ format: 'raw', 'actual-size': 32 }));

    expect(await inspect(top, base)).toEqual({
      capacityBytes: 64,
      allocatedBytes: 8,
      backing: [{ path: '/b', format: 'raw', sizeBytes: 32 }],
      holds: [],
    });
  });

  it('names snapshots and bitmaps that an image holds', async () => {
    const special = { data: { bitmaps: [{ name: 'b0' }] } };
    const held = info({ snapshots: [{ name: 'before' }], 'format-specific': special });

    expect((await inspect(said(held))).holds).toEqual(['snapshot before', 'bitmap b0']);
  });

  it.each([
    { name: 'nothing', layers: [''], code: 'COMMAND_FAILED' },
    { name: 'no JSON', layers: [said('[]')], code: 'COMMAND_FAILED' },
    { name: 'an error', layers: ['Could not open\n--- 1\n'], code: 'COMMAND_FAILED' },
    {
      name: 'a backing file over the network',
      layers: [
        said(info({ 'full-backing-filename': 'nbd://x', 'backing-filename-format': 'raw' })),
        said(info({ format: 'raw' })),
      ],
      code: 'STORAGE_UNSUITABLE',
    },
    {
      name: 'a chain that lies over itself',
      layers: [said(info({ 'full-backing-filename': '/a', 'backing-filename-format': 'qcow2' }))],
      code: 'BAD_ANSWER',
    },
    {
      name: 'data in another file',
      layers: [said(info({ 'format-specific': { data: { 'data-file': '/d' } } }))],
      code: 'STORAGE_UNSUITABLE',
    },
  ])('that answers $name is not believed', async ({ layers, code }) => {
    await expect(inspect(...layers)).rejects.toMatchObject({ code });
  });
});

describe('an image store', () => {
  const SUM = 'a'.repeat(64);
  it('finds an image by its file name', async () => {
    const store = imageStore('http://store/', 'h1', shellSaying(`${SUM}  base.qcow2\n`));
    expect(await store.find('base.qcow2')).toEqual({ url: 'http://store/base.qcow2', sha256: SUM });
    expect(await store.find('other')).toBeUndefined();
  });

  it('without its list has nothing; one that is away is told as such', async () => {
    expect(await imageStore('http://store', 'h1', shellSaying('', 22)).find('x')).toBeUndefined();
    await expect(
      imageStore('http://store', 'h1', shellSaying('', 7)).find('x'),
    ).rejects.toMatchObject({ code: 'IMAGE_STORE_UNREACHABLE' });
    expect(await imageStore(undefined, 'h1', shellSaying('')).find('x')).toBeUndefined();
  });

  it('passes over lines that are no checksums', () => {
    expect([...parseSums(`nonsense\n${SUM} *b\n${'z'.repeat(64)}  c\n${SUM}  ../d\n`)]).toEqual([
      ['b', SUM],
    ]);
  });
});

describe('traces of migrations', () => {
  const id = '01a20e57-4ed6-729e-bd5a-115920875213';
  it.each([
    [`/images/vm1/disk.qcow2.drover-${id}`, { kind: 'mark', subject: '/images/vm1/disk.qcow2' }],
    [`/images/vm1/disk.part-${id}`, { kind: 'part', subject: `/images/vm1/disk.part-${id}` }],
    [`/images/.drover-probe-${id}`, { kind: 'probe', subject: `/images/.drover-probe-${id}` }],
    [`/run/drover-copy-${id}-vda`, { kind: 'copy', subject: `/run/drover-copy-${id}-vda` }],
    [`key drover-${id}-vda`, { kind: 'copy', subject: `drover-${id}-vda` }],
  ])('%s', (line, expected) => expect(readTrace(line)).toEqual({ ...expected, owner: id }));

  it.each([
    '/images/vm1.drover-x',
    '/images/my.drover-notes',
    'key alice@example',
    '',
    // Not a copy's folder, whatever it is called (S20).
    `/images/x.drover-${id}-vda`,
  ])('what only looks like one is none: %s', (line) => expect(readTrace(line)).toBeUndefined());

  it('name files before the folder that they lie in, in whatever order the host lists them', async () => {
    const listed = ['/images/vm', '/images/vm/disk.qcow2', '/images/vm/disk.info'];
    const shell = shellSaying(listed.map((path) => `${path}.drover-${id}\0`).join(''));
    const found = await hostTraces(shell).find([]);
    expect(found.map(({ subject }) => subject).at(-1)).toBe('/images/vm');
  });
});
