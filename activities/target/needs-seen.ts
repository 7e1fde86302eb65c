/** What the hosts say of a guest's needs. */
import type { Surroundings } from '../../drivers/interfaces/surroundings.js';
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { FileFacts } from '../../drivers/interfaces/storage.js';
import type { Need, NeedOf } from '../../model/need.js';
import type { HostNetwork } from '../../model/host.js';
import type { DomainUses } from '../host/read-uses.js';
import type { SeenSecret } from '../secrets/lack.js';
import { secretsOf } from '../secrets/needed.js';
import type { Question } from './objections.js';

/** All that was asked for. */
export interface Seen {
  readonly question: Question;
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly here: Surroundings;
  readonly there: Surroundings;
  readonly nwfilters: readonly string[];
  readonly networks: readonly HostNetwork[];
  /** What the target's other guests name. */
  readonly others: readonly Pick<DomainUses, 'by' | 'cids' | 'macs'>[];
  readonly secrets: readonly SeenSecret[];
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
  const [found, here, there, nwfilters, networks, others, qemuVersion] = await Promise.all([
    paths.length > 0 ? target.storage.files.look([...new Set(paths)]) : [],
    has('listen') ? source.surroundings.look() : NOTHING,
    has('listen', 'port', 'server', 'hugepages') ? target.surroundings.look() : NOTHING,
    has('nwfilter') ? target.hypervisor.nwfilters() : [],
    has('network') ? target.hypervisor.networks() : [],
    has('vsock', 'mac') ? neighbours.domains() : [],
    has('threaded-copy') ? qemuOf(target) : 0,
  ]);
  const files = new Map(found.map((one) => [one.path, one]));
  const secrets = await secretsSeen(question);
  return { question, files, here, there, nwfilters, networks, others, secrets, qemuVersion };
}

/** In turn, as all that is asked of libvirt. */
async function secretsSeen({ vm, source, target }: Question): Promise<SeenSecret[]> {
  const seen: SeenSecret[] = [];
  for (const ref of secretsOf(vm)) {
    const here = await source.hypervisor.secret(ref);
    seen.push({ ref, here, there: await target.hypervisor.secret(ref) });
  }
  return seen;
}

const qemuOf = async ({ hypervisor }: HostDrivers) => (await hypervisor.facts()).qemuVersion;

/** QEMU opens `PATH.in` and `PATH.out` where there are such. */
export const inOf = (path: string): string => `${path}.in`;

const NOTHING: Surroundings = {
  addresses: [],
  listening: [],
  hugePages: [],
  defaultHugePageKib: 0,
};
