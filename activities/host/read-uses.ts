/** What each domain of a host uses, read from both of its views, its disks' images, and the host's pools. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import type { GuestOnHost, Pool } from '../../drivers/interfaces/hypervisor/facts.js';
import { pathsIn } from '../../guest/xml/paths-in.js';
import { sweep, sweepSnapshot, type Swept, type SweptImage } from '../../guest/xml/sweep.js';
import type { Chain } from '../../drivers/interfaces/storage.js';
import { CodedError, messageOf } from '../../model/errors.js';
import type { VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';

/** What one domain's XML names; `problem` if it cannot be read. */
export interface DomainUses extends Pick<
  Swept,
  'paths' | 'macs' | 'cids' | 'images' | 'volumes' | 'networkDisks' | 'secrets'
> {
  readonly by: string;
  readonly problem?: string;
}

/** One path that a domain uses. */
export interface NamedUse {
  readonly by: string;
  readonly as: string;
  readonly path: string;
  readonly isWriter: boolean;
}

/** An image whose backing files cannot be read. */
export interface Doubt {
  readonly by: string;
  readonly problem: string;
  /** What could not be read. If there is no file at that path, there is no doubt: nothing is below it. */
  readonly path: string;
}

/** All domains of a host but one. In turn: answers that come together wait 40 ms for a delayed ACK of the first. */
export async function readDomains(
  drivers: HostDrivers,
  except: VmUuid | undefined,
): Promise<DomainUses[]> {
  const guests = (await drivers.hypervisor.guests()).filter(({ uuid }) => uuid !== except);
  const read: DomainUses[] = [];
  for (const guest of guests) read.push(await readDomain(drivers, guest));
  return read;
}

const NOTHING = {
  paths: [],
  macs: [],
  cids: [],
  images: [],
  volumes: [],
  networkDisks: [],
  secrets: [],
};

async function readDomain({ hypervisor }: HostDrivers, guest: GuestOnHost): Promise<DomainUses> {
  const by = guest.name;
  const views = (['live', 'inactive'] as const).filter((view) =>
    view === 'live' ? isActive(guest.state) : guest.isPersistent,
  );
  try {
    const swept: Swept[] = [];
    for (const view of views) swept.push(sweep(await hypervisor.xml(guest.uuid, view)));
    const snapshots = (await hypervisor.snapshots(guest.uuid)).map(({ name, xml }) =>
      sweepSnapshot(name, xml.reveal()),
    );
    return {
      by,
      paths: [...swept, ...snapshots].flatMap(({ paths }) => paths),
      macs: swept.flatMap(({ macs }) => macs),
      cids: swept.flatMap(({ cids }) => cids),
      images: [...swept, ...snapshots].flatMap(({ images }) => images),
      volumes: swept.flatMap(({ volumes }) => volumes),
      networkDisks: swept.flatMap(({ networkDisks }) => networkDisks),
      secrets: swept.flatMap(({ secrets }) => secrets),
    };
  } catch (error) {
    if (isGone(error)) return { by, ...NOTHING };
    // Only XML that no attempt will read better: a host that cannot be asked now is for the next attempt.
    if (!(error instanceof CodedError) || error.code !== 'BAD_ANSWER') throw error;
    return { by, ...NOTHING, problem: messageOf(error) };
  }
}

/** libvirt's "no such domain": it vanished between the list and the question. */
const isGone = (error: unknown): boolean =>
  error instanceof CodedError && error.facts['libvirtCode'] === 42;

/** Every path that the domains name, the backing files of their disks, and what cannot be read. */
export async function pathsOf(
  { storage }: HostDrivers,
  domains: readonly DomainUses[],
  pools: readonly Pool[],
): Promise<{ named: NamedUse[]; doubts: Doubt[] }> {
  const named: NamedUse[] = domains.flatMap(({ by, paths }) =>
    paths.map((use) => ({ by, ...use })),
  );
  const doubts: Doubt[] = [];
  let images: ImageOf[] = [
    ...domains.flatMap(({ by, images: mine }) => mine.map((image) => ({ by, ...image }))),
    ...domains.flatMap((domain) => volumesOf(domain, pools)),
  ];
  for (let round = 0; images.length > 0 && round < MAX_ODD_NAMES; round++) {
    const read = usesBelow(images, await storage.files.chains(images));
    named.push(...images, ...read.named);
    doubts.push(...read.doubts);
    images = read.next;
  }
  return { named: named.filter(({ path }) => path.startsWith('/')), doubts };
}

type ImageOf = SweptImage & { readonly by: string };

/** Chains that go on behind a name in QEMU's JSON go on in another, and no further than this. */
const MAX_ODD_NAMES = 4;

/** Formats whose images name other files with their data. */
const SPLIT = new Set(['vmdk', 'blkdebug', 'quorum', 'throttle']);

/** What lies below images, by their chains; `next` are files under names like `json:{"file":…}`, behind which a chain goes on. */
function usesBelow(
  images: readonly ImageOf[],
  chains: readonly Chain[],
): { named: NamedUse[]; doubts: Doubt[]; next: ImageOf[] } {
  const layers = images.flatMap((image, index) =>
    (chains[index]?.layers ?? []).map((layer) => ({ image, layer })),
  );
  const below = layers.flatMap(({ image: { by, as }, layer: { below: base } }) =>
    base ? [{ by, as: `below ${as}`, path: base.path, isWriter: false }] : [],
  );
  const data = layers.flatMap(({ image: { by, as, isWriter }, layer: { dataFile } }) =>
    dataFile === undefined
      ? []
      : pathsIn(dataFile).map((path) => ({ by, as: `data of ${as}`, path, isWriter })),
  );
  const doubts = images.flatMap(({ by, path }, index): Doubt[] => {
    const { problem, problemAt } = chains[index] ?? {};
    return problem === undefined || problemAt === undefined
      ? []
      : [{ by, path: problemAt, problem: `${path}: ${problem}` }];
  });
  const split = layers.flatMap(({ image: { by }, layer: { path, format } }): Doubt[] =>
    SPLIT.has(format)
      ? [
          {
            by,
            path,
            problem: `${path} is a ${format} image, which may keep its data in other files`,
          },
        ]
      : [],
  );
  const odd = below.filter(({ path }) => !path.startsWith('/'));
  const next = odd.flatMap((use) =>
    pathsIn(use.path).map((path) => ({ ...use, path, format: '' })),
  );
  return { named: [...below, ...data], doubts: [...doubts, ...split], next };
}

/** Files behind the volumes of pools that are folders; of a pool that the host does not have, no guest uses anything. */
function volumesOf({ by, volumes }: DomainUses, pools: readonly Pool[]): ImageOf[] {
  return volumes.flatMap(({ as, pool: called, volume, format, isWriter }) => {
    const pool = pools.find(({ name }) => name === called);
    return pool ? [{ by, as, format, isWriter, path: `${pool.folder}/${volume}` }] : [];
  });
}
