/** Storage pools of a fake host: as libvirt's, they list what was there when somebody looked. */
import type { PoolFolder } from '../../guest/xml/disks.js';
import { all, attributeOf, parseXml, rootOf } from '../../guest/xml/document.js';
import { failed } from './at-host.js';
import { filesOf, type FakeHost, type FakeWorld } from './world.js';

/** As a domain's XML needs them to be read. */
export const poolsOn = ({ pools }: FakeHost): PoolFolder[] =>
  [...pools].map(([name, { folder }]) => ({ name, folder, isOfFiles: true }));

/** Off, or unknown, is fine. */
export function refresh(world: FakeWorld, host: FakeHost, name: string): void {
  const pool = host.pools.get(name);
  if (!pool?.isActive) return;
  const files = [...filesOf(world, host, `${pool.folder}/x`)];
  pool.listed = new Set(files.flatMap(([path, { isFolder }]) => (isFolder ? [] : [path])));
}

/** A guest starts only from volumes that its host's libvirt knows. */
export function requireListed(host: FakeHost, xml: string): void {
  for (const disk of all(rootOf(parseXml(xml, 'domain')), 'devices/disk')) {
    if (disk.getAttribute('type') !== 'volume') continue;
    const [name, volume] = ['pool', 'volume'].map((key) => attributeOf(disk, 'source', key) ?? '');
    const pool = host.pools.get(name ?? '');
    if (!pool?.isActive) throw failed(host.record.name, `pool ${name ?? ''} is not active`, 55);
    if (!pool.listed.has(`${pool.folder}/${volume ?? ''}`))
      throw failed(host.record.name, `Storage volume not found: ${volume ?? ''}`, 50);
  }
}
