/** `guest.locate`: asks both hosts, for a few seconds if they contradict each other, and rules by the table of model/arbiter.ts. */
import { CodedError, type Facts } from '../../model/errors.js';
import { rule, type Ruling } from '../../model/arbiter.js';
import { lives, type Side } from '../../model/side.js';
import type { Route } from '../../model/route.js';
import { locate } from '../../workflows/steps/guest.js';
import { endsOf, implement, type Deps } from '../kit/implement.js';
import { readVm } from '../vm/read.js';
import { askBoth, type Ends } from './location.js';
import { askOthers } from './others.js';
import { toldOf, type Told } from './unopened.js';
import { until } from '../kit/until.js';

/** libvirt needs a moment to remove the losing side. */
const SETTLING = { everyMs: 100, forMs: 10_000 };

/** The pivot. Touches neither host. */
export const locateActivity = implement(locate, (deps) => ({
  async run({ route }, context) {
    const ends = await endsOf(deps, route);
    const look = async () => {
      const seen = await askBoth(ends, route);
      return { seen, ruling: rule(seen.source, seen.target) };
    };
    const decided = await until(context, SETTLING, async () => {
      const found = await look();
      return found.ruling.verdict === 'hold' ? undefined : found;
    });
    const { seen, ruling } = decided ?? (await look());
    if (ruling.verdict === 'hold') throw await undecided(deps, ends, route, seen, ruling);
    return { runsOn: ruling.verdict, ...seen };
  },
}));

type Seen = Readonly<Record<'source' | 'target', Side>>;

async function undecided(
  deps: Deps,
  ends: Ends,
  route: Route,
  seen: Seen,
  ruling: Ruling,
): Promise<CodedError> {
  const isNowhere = !lives(seen.source) && !lives(seen.target);
  const others = isNowhere ? await askOthers(deps, route) : { runsOn: [], unasked: [] };
  const elsewhere = others.runsOn.length > 0 ? `; it runs on ${others.runsOn.join(', ')}` : '';
  const unasked =
    others.unasked.length > 0 ? `; could not be asked: ${others.unasked.join(', ')}` : '';
  const volumes = await volumesOf(ends, route);
  const facts: Facts = { ...seen, ...others };
  return new CodedError(
    'LOCATION_UNDECIDED',
    `${route.name} is ${seen.source} on ${route.source} and ${seen.target} on ${route.target}: ${ruling.why}${elsewhere}${unasked}${volumes}`,
    {
      hint: elsewhere
        ? 'Somebody else has moved or started it. Find out who and why before you do anything here.'
        : `Neither host is touched. ${ruling.hint}`,
      facts,
    },
  );
}

/** What the guest's storage itself says of who writes to it, which also counts for a host that does not answer. */
async function volumesOf({ source, target }: Ends, { uuid }: Route): Promise<string> {
  for (const host of [target, source]) {
    try {
      const guest = await host.hypervisor.find(uuid);
      if (!guest) continue;
      const told = await toldOf(host, (await readVm(host, guest)).vm.disks);
      return told.map(inWords).join('');
    } catch (error) {
      // The ruling stands without that.
      if (!(error instanceof CodedError)) throw error;
    }
  }
  return '';
}

const inWords = ({ name, by }: Told): string =>
  by.length > 0 ? `; ${name} is open by ${by.join(', ')}` : `; nobody has ${name} open`;
