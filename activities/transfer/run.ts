/** `transfer.run`: starts the transfer or finds a running one, follows it, and aborts only what an operator cancelled. */
import { Confidential } from '../../model/confidential.js';
import { CodedError } from '../../model/errors.js';
import { lives } from '../../model/side.js';
import type { TransferProgress } from '../../model/progress.js';
import type { Route } from '../../model/route.js';
import { bytesToCopy, deviceInto } from '../../model/storage.js';
import { transfer } from '../../workflows/steps/transfer.js';
import { renderedOf } from '../definition/rendering.js';
import { endsOf, implement } from '../kit/implement.js';
import { imagesOf, requireTops } from '../disks/layers.js';
import { askBoth, type Ends } from '../guest/location.js';
import { takeBack } from './abort.js';
import { activateAtSwitchover } from './activate.js';
import { follow, settled } from './follow.js';
import { limitOf, specOf } from './spec.js';

const NOTHING_SENT: TransferProgress = {
  elapsedMs: 0,
  totalBytes: 0,
  processedBytes: 0,
  remainingBytes: 0,
  diskTotalBytes: 0,
  diskProcessedBytes: 0,
  dirtyBytesPerSec: 0,
  bytesPerSec: 0,
  iteration: 0,
  downtimeMs: 0,
  isPostCopy: false,
};

/** Adopts a transfer that a former attempt began: a worker may die at any moment of it. */
export const transferActivity = implement(transfer, (deps) => ({
  async run(input, context) {
    const { route, options } = input;
    const ends = await endsOf(deps, route);
    const { hypervisor } = ends.source;
    const running = await hypervisor.job(route.uuid);
    const seen = await askBoth(ends, route);
    const isSplit = seen.source === 'postcopy';
    const isUnderWay = running !== undefined || isSplit;
    if (!isUnderWay) {
      // A former attempt ended well and its reply was lost.
      if (!lives(seen.source) && lives(seen.target)) return resultOf(ends, route);
      if (!lives(seen.source) || lives(seen.target)) throw notStartable(route, seen);
      await requireTops(ends.source, route, 'live', imagesOf(input.disks));
      const into = input.disks.flatMap((disk) => deviceInto(disk) ?? []);
      if (into.length > 0) await ends.target.storage.devices.beginWriting(into, route.migrationId);
    }
    const liveXml = await renderedOf(ends, input, 'live');
    const stopListening = await activateAtSwitchover(ends, route.uuid, input.ports);
    try {
      const spec = specOf(input, ends, liveXml);
      const limitMs = limitOf(options, input.memoryBytes + bytesToCopy(input.disks));
      const ended = isUnderWay ? undefined : settled(hypervisor.startTransfer(route.uuid, spec));
      await follow({ ends, route, spec, options, limitMs, isSplit, ended }, context);
    } finally {
      await stopListening();
    }
    return resultOf(ends, route);
  },

  async undo({ route }, context) {
    await takeBack(await endsOf(deps, route), route, context);
  },
  async describe({ route, disks, live }) {
    if (!live) return [];
    const ends = await endsOf(deps, route);
    const spec = specOf({ disks, options: live }, ends, new Confidential('(below)'));
    return [ends.source.hypervisor.describe(spec)];
  },
}));

/** The figures of the transfer that ended; a host that has forgotten them is no failure. */
const resultOf = async ({ source }: Ends, route: Route): Promise<TransferProgress> =>
  (await source.hypervisor.completedJob(route.uuid)) ?? NOTHING_SENT;

const notStartable = (route: Route, seen: { source: string; target: string }): CodedError =>
  new CodedError(
    seen.target === 'absent' ? 'GUEST_NOT_RUNNING' : 'TRANSFER_FAILED',
    `${route.name} is ${seen.source} on ${route.source} and ${seen.target} on ${route.target}: no transfer can start`,
    { facts: { ...seen } },
  );
