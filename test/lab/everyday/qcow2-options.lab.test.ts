/** An image is the same image on the target: how its maker made it is kept, whichever way it is copied (G34). */
import { diskXml, IMAGES, onHost } from '../../../lab/everyday.js';
import { everydayLab, moveCold, moveLive } from '../../helpers/everyday.js';

const { lab, make, litter } = everydayLab();

const folder = `${IMAGES}/made1`;
const DISKS = [
  ['vda', 'cluster_size=131072,extended_l2=on,lazy_refcounts=on,compression_type=zstd'],
  ['vdb', 'compat=0.10,cluster_size=32768'],
  ['vdc', 'refcount_bits=8'],
] as const;
const pathOf = (device: string) => `${folder}/${device}.qcow2`;

/** What QEMU says of how an image was made. */
const madeOn = async (host: string, device: string): Promise<unknown> => {
  const said = await onHost(host, 'qemu-img info -U --output=json "$1"', pathOf(device));
  const { 'cluster-size': clusterSize, 'format-specific': special } = JSON.parse(said) as Record<
    string,
    unknown
  >;
  return { clusterSize, special };
};
const allMadeOn = (host: string) => Promise.all(DISKS.map(([device]) => madeOn(host, device)));

const makeThree = async () => {
  litter(folder, `${folder}_resize`);
  await onHost('h1', 'mkdir -p "$1"', folder);
  for (const [device, options] of DISKS)
    await onHost(
      'h1',
      `qemu-img create -q -f qcow2 -o "$2" "$1" 16M && qemu-io -f qcow2 -c 'write -q -P 0x5a 1M 256k' "$1"`,
      pathOf(device),
      options,
    );
  return make({
    name: 'made1',
    number: 58,
    disks: DISKS.map(([device]) => diskXml(pathOf(device), device)).join(''),
  });
};

it.each(['auto', 'nbd', 'scp'] as const)('cold, by --copy %s', async (copy) => {
  const guest = await makeThree();
  const before = await allMadeOn('h1');

  await moveCold(lab, guest, 'h2', 'confirm', { copy });

  expect(await allMadeOn('h2')).toEqual(before);
});

it('live, and warm on the way back', async () => {
  const guest = await makeThree();
  const before = await allMadeOn('h1');
  await guest.start('h1');

  await moveLive(lab, guest, 'h2');
  expect(await allMadeOn('h2')).toEqual(before);

  await moveCold(lab, guest, 'h1', 'confirm', { isWarm: true });
  expect(await allMadeOn('h1')).toEqual(before);
});

describe('raw disks whose room is reserved', () => {
  const path = `${IMAGES}/made2/disk.raw`;
  const reservedOn = async (host: string) =>
    Number(await onHost(host, 'stat -c %b "$1"', path)) * 512 >= 16 * 1024 ** 2;
  const makeReserved = async () => {
    litter(`${IMAGES}/made2`, `${IMAGES}/made2_resize`);
    await onHost(
      'h1',
      `mkdir -p "$(dirname "$1")" && fallocate -l 16M "$1" && qemu-io -f raw -c 'write -q -P 0x5a 1M 256k' "$1"`,
      path,
    );
    return make({ name: 'made2', number: 59, disks: diskXml(path, 'vda', '', 'raw') });
  };

  it.each(['nbd', 'scp'] as const)('keep it cold, by --copy %s', async (copy) => {
    const guest = await makeReserved();
    expect(await reservedOn('h1')).toBe(true);

    await moveCold(lab, guest, 'h2', 'confirm', { copy });

    expect(await reservedOn('h2')).toBe(true);
  });

  it('keep it warm', async () => {
    const guest = await makeReserved();
    await guest.start('h1');

    await moveCold(lab, guest, 'h2', 'confirm', { isWarm: true });

    expect(await reservedOn('h2')).toBe(true);
  });
});
