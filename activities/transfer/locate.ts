/** `guest.locate`: asks both hosts, for a few seconds if they contradict each other. */
import { CodedError } from '../../model/errors.js';
import { pause } from '../../drivers/deadline.js';
import { locate } from '../../workflows/steps/transfer.js';
import { endsOf, implement } from '../kit/implement.js';
import { askBoth, lives } from '../kit/location.js';

/** libvirt needs a moment to remove the losing side. */
const SETTLE_MS = 10_000;
const EVERY_MS = 100;

/** The pivot. Touches neither host. */
export const locateActivity = implement(locate, (deps) => ({
  async run({ route }) {
    const ends = await endsOf(deps, route);
    let seen = await askBoth(ends, route);
    for (
      const deadline = Date.now() + SETTLE_MS;
      lives(seen.source) === lives(seen.target) && Date.now() < deadline;
    ) {
      await pause(EVERY_MS);
      seen = await askBoth(ends, route);
    }
    if (lives(seen.source) && !lives(seen.target)) return { runsOn: 'source' as const, ...seen };
    if (lives(seen.target) && !lives(seen.source)) return { runsOn: 'target' as const, ...seen };
    throw new CodedError(
      'LOCATION_UNDECIDED',
      `${route.name} is ${seen.source} on ${route.source} and ${seen.target} on ${route.target}`,
      {
        hint: 'Neither host is touched. Look at both; retry when one of them clearly has the guest.',
        facts: { ...seen },
      },
    );
  },
}));
