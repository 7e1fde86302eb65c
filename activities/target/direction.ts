/** From a newer hypervisor to an older one. */
import { objection, type Objection } from '../../model/objection.js';
import { versionText } from '../host/facts.js';
import type { Question } from './objections.js';

/** The word of who has tried it, or would rather try than power the guest off. */
const OLDER = 'older-hypervisor';

/**
 * libvirt allows it, and QEMU keeps a machine type's state alike from version to version, but nobody promises that an older one
 * reads what a newer one writes. If it does not, the transfer fails, and the guest goes on where it is.
 */
export async function directionObjections({
  vm,
  source,
  target,
  move,
}: Question): Promise<Objection[]> {
  if (move !== 'live') return [];
  const [here, there] = await Promise.all([source.hypervisor.facts(), target.hypervisor.facts()]);
  const older = [
    there.qemuVersion < here.qemuVersion &&
      `its QEMU ${versionText(there.qemuVersion)} is older than the source's ${versionText(here.qemuVersion)}`,
    there.libvirtVersion < here.libvirtVersion &&
      `its libvirt ${versionText(there.libvirtVersion)} is older than the source's ${versionText(here.libvirtVersion)}`,
  ].filter((text) => typeof text === 'string');
  if (older.length === 0) return [];
  return [
    objection(
      target.host.name,
      `may not take a running ${vm.machine} from here: ${older.join(', ')}`,
      'move it cold, or upgrade that host',
      { moves: ['live'], accept: OLDER },
    ),
  ];
}
