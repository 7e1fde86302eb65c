/** What a fake host knows of its guests' snapshots and checkpoints. */
import { defined } from '../../model/defined.js';
import { Confidential } from '../../model/confidential.js';
import type { Checkpoint, Snapshot } from '../interfaces/hypervisor/definitions.js';
import type { FakeGuest, FakeSnapshot } from './world.js';

/** As libvirt hands it out. */
export const shownSnapshot = ({
  name,
  isExternal,
  isCurrent,
  files = [],
}: FakeSnapshot): Snapshot => ({
  name,
  isCurrent,
  xml: new Confidential(
    `<domainsnapshot><name>${name}</name><memory snapshot='${isExternal ? 'external' : 'no'}'/><disks>${files.map((file) => `<disk><source file='${file}'/></disk>`).join('')}</disks></domainsnapshot>`,
  ),
});

function fromShown({ name, isCurrent, xml }: Snapshot): FakeSnapshot {
  const text = xml.reveal();
  const files = [...text.matchAll(/source file='([^']*)'/g)].map(([, file = '']) => file);
  const isExternal = text.includes(`snapshot='external'`);
  return {
    name,
    isCurrent,
    isExternal,
    ...defined({ files: files.length > 0 ? files : undefined }),
  };
}

/** A checkpoint as libvirt hands it out. */
export const shownCheckpoint = (name: string): Checkpoint => ({
  name,
  xml: new Confidential(`<domaincheckpoint><name>${name}</name></domaincheckpoint>`),
});

/** Makes them known beside those that are; a known one is written anew, and one at the most is the current one. */
export function addSnapshots(guest: FakeGuest, snapshots: readonly Snapshot[]): void {
  for (const snapshot of snapshots.map(fromShown)) {
    const others = (guest.snapshots ?? []).filter(({ name }) => name !== snapshot.name);
    const older = snapshot.isCurrent
      ? others.map((other) => ({ ...other, isCurrent: false }))
      : others;
    guest.snapshots = [...older, snapshot];
  }
}
