/** `guest.verify`. */
import { CodedError } from '../../model/errors.js';
import type { CopyPlan } from '../../model/copy.js';
import type { DiskPlan } from '../../model/storage.js';
import { lives } from '../../model/side.js';
import { verify } from '../../workflows/steps/guest.js';
import { endsOf, implement } from '../kit/implement.js';
import { requireNoNewerTops } from '../disks/layers.js';
import { requireWayBack } from '../disks/way-back.js';
import { arrivedOn } from './arrived.js';
import { askBoth } from './location.js';
import { requireNotElsewhere } from './others.js';

/** Disks that both hosts have: what is written to them on the target stays theirs. */
const sharedOf = (disks: readonly DiskPlan[], copies: readonly CopyPlan[]): DiskPlan[] =>
  disks.filter(({ device }) =>
    copies.some((copy) => copy.device === device && copy.way === 'move'),
  );

/** How long a QEMU must live until it counts as started. */
const PROVING_MS = 1_000;

/** Asks twice, some time apart. */
export const verifyActivity = implement(verify, (deps) => ({
  async run({ route, power, disks, copies, state, snapshotFiles }, { pause }) {
    const ends = await endsOf(deps, route);
    for (const waitMs of power === 'off' ? [0] : [0, PROVING_MS]) {
      await pause(waitMs);
      const seen = await askBoth(ends, route);
      if (seen.target === power && !lives(seen.source)) continue;
      throw new CodedError(
        'GUEST_NOT_ON_TARGET',
        `${route.name} is ${seen.target} on ${route.target} and ${seen.source} on ${route.source}; it should be ${power}`,
        { hint: `Read the log of its QEMU on ${route.target}.`, facts: { ...seen } },
      );
    }
    return {
      state: power,
      arrived: await arrivedOn(ends.target, route, { disks, state, copies, snapshotFiles }),
    };
  },
  // The first undo of a revert: the guest still runs on the target.
  async undo(input) {
    const { route, disks, copies } = input;
    const ends = await endsOf(deps, route);
    await requireNotElsewhere(deps, route);
    await requireNoNewerTops(ends.target, route, sharedOf(disks, copies));
    await requireWayBack(ends, input);
    return undefined;
  },
  describe: ({ route }) => [
    `virDomainGetState on ${route.source} and ${route.target}, again a second later`,
  ],
}));
