/** `definition.define` and its undo. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Attached, Snapshot } from '../../drivers/interfaces/hypervisor/definitions.js';
import { snapshotFor } from '../../guest/older.js';
import { Confidential } from '../../model/confidential.js';
import { CodedError } from '../../model/errors.js';
import { defineTarget } from '../../workflows/steps/definition.js';
import { requireWayBack } from '../disks/way-back.js';
import { relistOnTarget } from '../disks/pools.js';
import { renderedOf } from './rendering.js';
import { requireMark } from '../kit/fence.js';
import { endsOf, implement } from '../kit/implement.js';
import { refuseIfOnTarget } from '../guest/location.js';

const ATTACHED: readonly Attached[] = ['managed save', 'snapshots', 'checkpoints'];

/** L5 F14. Snapshots and checkpoints come with the disks that they are in; the definition alone would not know of them. */
export const defineTargetActivity = implement(defineTarget, (deps) => ({
  async run(input) {
    const { route, isAutostart } = input;
    const ends = await endsOf(deps, route);
    const { source, target } = ends;
    await relistOnTarget(target, input.disks);
    await target.hypervisor.define(await renderedOf(ends, input, 'persistent'));
    const { hypervisor } = source;
    await target.hypervisor.defineSnapshots(
      route.uuid,
      await snapshotsFor(target, await hypervisor.snapshots(route.uuid)),
    );
    await target.hypervisor.defineCheckpoints(route.uuid, await hypervisor.checkpoints(route.uuid));
    if (isAutostart) await target.hypervisor.setAutostart(route.uuid, true);
    return {};
  },
  async undo(input) {
    const { route } = input;
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    const isThere = await target.hypervisor.find(route.uuid);
    if (isThere && !(await source.hypervisor.find(route.uuid)))
      throw new CodedError(
        'UNDO_UNVERIFIED',
        `${route.source} does not know ${route.name} any more: its definition on ${route.target} is the last one, and stays`,
        {
          hint: `Define it again on ${route.source} (virsh dumpxml ${route.uuid} --inactive on ${route.target}), then retry.`,
        },
      );
    // libvirt removes it with the definition, whoever has written to it there.
    const mayGo = await requireWayBack({ source, target }, input);
    const going: readonly Attached[] = mayGo ? [...ATTACHED, 'TPM state'] : ATTACHED;
    // To look at the way back lasts.
    await requireMark(target, route);
    await target.hypervisor.undefine(route.uuid, going);
    if (!(await target.hypervisor.find(route.uuid))) return;
    throw new CodedError('UNDO_UNVERIFIED', `${route.name} is still defined on ${route.target}`);
  },
  describe: ({ route }) => [`virDomainDefineXMLFlags on ${route.target}`],
}));

/** As the target's libvirt takes them: the text of a newer one may have what it does not know. */
async function snapshotsFor(
  { hypervisor }: HostDrivers,
  snapshots: readonly Snapshot[],
): Promise<readonly Snapshot[]> {
  if (snapshots.length === 0) return snapshots;
  const { libvirtVersion } = await hypervisor.facts();
  return snapshots.map((snapshot) => ({
    ...snapshot,
    xml: new Confidential(snapshotFor(snapshot.xml.reveal(), libvirtVersion)),
  }));
}
