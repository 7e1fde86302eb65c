/** What the hosts say of a guest's needs. */
import type { Surroundings } from '../../drivers/interfaces/surroundings.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { Allotments } from '../../drivers/interfaces/hypervisor/facts.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { Need, NeedOf } from '../../model/need.js';
import type { HostNetwork } from '../../model/host-facts.js';
import type { DomainUses } from '../host/read-uses.js';
import type { Question } from './objections.js';

/** All that was asked for. */
export interface Seen {
  readonly question: Question;
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly here: Surroundings;
  readonly there: Surroundings;
  readonly nwfilters: readonly string[];
  readonly networks: readonly HostNetwork[];
  readonly allotments: Allotments;
  /** Open vSwitch's bridges. */
  readonly switches: readonly string[];
  /** What the target's other guests name. */
  readonly others: readonly Pick<DomainUses, 'by' | 'cids' | 'macs'>[];
  /** As libvirt writes it: 7002000 is 7.2.0. */
  readonly qemuVersion: number;
}

/** Only what is needed is asked for. */
export async function lookFor(question: Question, needs: readonly NeedOf[]): Promise<Seen> {
  const { source, target, neighbours } = question;
  const has = (...kinds: readonly Need['kind'][]) =>
    needs.some(({ need }) => kinds.includes(need.kind));
  const paths = needs.flatMap(({ need }) =>
    need.kind === 'path' ? [need.path, inOf(need.path)] : [],
  );
  const [found, here, there, nwfilters, networks, allotments, switches, others, qemuVersion] =
    await Promise.all([
      paths.length > 0 ? target.storage.files.look([...new Set(paths)]) : [],
      has('listen') ? source.surroundings.look() : NOTHING,
      has('listen', 'port', 'server', 'hugepages', 'macvtap')
        ? target.surroundings.look()
        : NOTHING,
      has('nwfilter') ? target.hypervisor.nwfilters() : [],
      has('network') ? target.hypervisor.networks() : [],
      has('cache', 'bandwidth', 'monitor') ? target.hypervisor.allotments() : NO_SHARES,
      has('switch') ? target.network.switches() : [],
      has('vsock', 'mac') ? neighbours.domains() : [],
      has('threaded-copy') ? qemuOf(target) : 0,
    ]);
  const files = new Map(found.map((one) => [one.path, one]));
  return {
    question,
    files,
    here,
    there,
    nwfilters,
    networks,
    allotments,
    switches,
    others,
    qemuVersion,
  };
}

const qemuOf = async ({ hypervisor }: HostDrivers) => (await hypervisor.facts()).qemuVersion;

/** QEMU opens `PATH.in` and `PATH.out` where there are such. */
export const inOf = (path: string): string => `${path}.in`;

const NO_SHARES: Allotments = { cache: [], bandwidth: [], monitors: [] };

const NOTHING: Surroundings = {
  addresses: [],
  listening: [],
  hugePages: [],
  taken: [],
  defaultHugePageKib: 0,
};
