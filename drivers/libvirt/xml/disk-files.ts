/** Another file under a disk of a definition, when the disk itself stays what it is. */
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
    first(disk, 'source')?.setAttribute('file', wanted.path);
    first(disk, 'driver')?.setAttribute('type', wanted.format);
    // It would name what lay below before.
    all(disk, 'backingStore').forEach((below) => below.parentNode?.removeChild(below));
  }
  return serialize(document);
}
