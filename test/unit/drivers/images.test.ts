/** What hosts answer of images, by qemu-img and in an image store: real answers and broken ones. */
import { imageStore, parseSums } from '../../../drivers/images/curl.js';
import type { HostShell } from '../../../drivers/interfaces/shell.js';
import { inspectImage } from '../../../drivers/storage/qemu-img.js';
import { ran } from '../../helpers/ran.js';
import { shellSaying } from '../../helpers/shell-saying.js';

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
