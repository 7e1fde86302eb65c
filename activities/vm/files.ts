/** What a guest’s disks are on its host, whatever its definition calls them. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { DomainFacts } from '../../guest/xml/domain.js';
import type { HostPath } from '../../model/ids.js';
import { fileOf, type Disk } from '../../model/storage.js';

/** A disk of the type `block` may have a file's path: then it is a file. */
export async function withFilesAsFiles(
  { storage }: HostDrivers,
  facts: DomainFacts,
): Promise<DomainFacts> {
  const paths = facts.disks.flatMap(({ source }) => (source.kind === 'block' ? [source.path] : []));
  if (paths.length === 0) return facts;
  const found = await storage.files.look(paths);
  const isFile = (path: HostPath) => found.some((one) => one.path === path && one.kind === 'file');
  const disks = facts.disks.map((disk): Disk => {
    const { source } = disk;
    if (source.kind !== 'block' || !isFile(source.path)) return disk;
    return { ...disk, source: { kind: 'file', path: source.path } };
  });
  return { ...facts, disks };
}

/** Leaves out optional media whose files are missing: libvirt starts the guest without them. */
export async function withoutMissing(
  { storage }: HostDrivers,
  facts: DomainFacts,
): Promise<DomainFacts> {
  const optional = facts.disks.flatMap((disk) => (disk.isOptional ? (fileOf(disk) ?? []) : []));
  if (optional.length === 0) return facts;
  const existing = await storage.files.existing(optional);
  const missing = optional.filter((file) => !existing.includes(file));
  const isThere = (disk: Disk) => !missing.some((file) => file === fileOf(disk) && disk.isOptional);
  return {
    ...facts,
    disks: facts.disks.filter(isThere),
    remarks: [...facts.remarks, ...missing.map((file) => `${file} is missing: its drive is empty`)],
  };
}
