/** Another file under a disk, when the disk itself stays what it is: in a definition, and by a block job of a running guest. */
import { all, attributeOf, first, parseXml, rootOf, serialize } from './document.js';

/** The XML with these files under these devices, and the disks' formats with them. */
export function withDiskFiles(
  xml: string,
  files: readonly { readonly device: string; readonly path: string; readonly format: string }[],
): string {
  const document = parseXml(xml, 'domain');
  for (const disk of all(rootOf(document), 'devices/disk')) {
    const wanted = files.find(({ device }) => device === attributeOf(disk, 'target', 'dev'));
    if (!wanted) continue;
    const named = disk.getAttribute('type') === 'block' ? 'dev' : 'file';
    first(disk, 'source')?.setAttribute(named, wanted.path);
    first(disk, 'driver')?.setAttribute('type', wanted.format);
    // It would name what lay below before.
    all(disk, 'backingStore').forEach((below) => below.parentNode?.removeChild(below));
  }
  return serialize(document);
}

/** A disk's block job as its live XML has it. `ready`: it may be ended by a pivot. */
export type Mirror = 'none' | 'busy' | 'ready';

/**
 * libvirt lets a job pivot when it has itself seen QEMU's event that it is ready, and shows it here (domain XML, `<mirror ready>`).
 * The job's counters are QEMU's and can be complete a moment before.
 */
export function mirrorOf(xml: string, device: string): Mirror {
  const disk = all(rootOf(parseXml(xml, 'domain')), 'devices/disk').find(
    (candidate) => attributeOf(candidate, 'target', 'dev') === device,
  );
  if (!disk || !first(disk, 'mirror')) return 'none';
  return attributeOf(disk, 'mirror', 'ready') === 'yes' ? 'ready' : 'busy';
}
