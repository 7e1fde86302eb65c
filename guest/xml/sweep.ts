/**
 * Everything in a domain's XML that another guest on its host may have as well: paths, and addresses of its ports. It knows no
 * elements: what looks like a path is one, so that nothing is missed that drover does not know.
 */
import { present } from '../../model/defined.js';
import { pathsIn } from './paths-in.js';
import { surveyXml } from './survey.js';

/** A path, and what names it: `disk vda`, `nvram`, `kernel`. */
export interface SweptPath {
  readonly path: string;
  readonly as: string;
  /** The guest writes there, or may. */
  readonly isWriter: boolean;
}

/** A disk whose backing files are not in the XML: only its image names them. */
export interface SweptImage extends SweptPath {
  readonly format: string;
}

/** A disk that is named by its pool: which file that is, the host says. */
export interface SweptVolume {
  readonly as: string;
  readonly pool: string;
  readonly volume: string;
  readonly format: string;
  readonly isWriter: boolean;
}

/** A disk that QEMU reaches over the network: `rbd:pool/image`. */
export interface SweptNetworkDisk {
  readonly as: string;
  readonly name: string;
  readonly isWriter: boolean;
}

/** What was found. */
export interface Swept {
  readonly paths: readonly SweptPath[];
  readonly macs: readonly string[];
  /** Context ids of vsock. */
  readonly cids: readonly number[];
  readonly images: readonly SweptImage[];
  readonly volumes: readonly SweptVolume[];
  readonly networkDisks: readonly SweptNetworkDisk[];
  /** UUIDs and usages by which it names secrets. */
  readonly secrets: readonly string[];
}

const ARGUMENTS = 'qemu:commandline';

interface OpenDisk {
  device: string;
  format: string;
  source: string;
  isReadOnly: boolean;
  isChainTold: boolean;
  pool: string;
  volume: string;
  /** Of a disk over the network. */
  name: string;
  readonly paths: string[];
  readonly below: string[];
}

const openDisk = (): OpenDisk => ({
  device: '?',
  format: 'raw',
  source: '',
  isReadOnly: false,
  pool: '',
  volume: '',
  name: '',
  isChainTold: false,
  paths: [],
  below: [],
});

/** Reads a domain once. @throws BAD_ANSWER */
export function sweep(xml: string): Swept {
  const paths: SweptPath[] = [];
  const macs = new Set<string>();
  const cids: number[] = [];
  const images: SweptImage[] = [];
  const volumes: SweptVolume[] = [];
  const networkDisks: SweptNetworkDisk[] = [];
  const secrets: string[] = [];
  let disk: OpenDisk | undefined;
  const closeDisk = () => {
    if (!disk) return;
    const as = `disk ${disk.device}`;
    const { source, format, isChainTold, pool, volume } = disk;
    const isWriter = !disk.isReadOnly;
    paths.push(...disk.paths.map((path) => ({ path, as, isWriter })));
    // What a disk lies over it only reads.
    paths.push(...disk.below.map((path) => ({ path, as: `below ${as}`, isWriter: false })));
    if (volume) volumes.push({ as, pool, volume, format, isWriter });
    if (disk.name) networkDisks.push({ as, name: disk.name, isWriter });
    if (source && !isChainTold) images.push({ as, path: source, format, isWriter });
    disk = undefined;
  };
  const add = (value: string, as: string, isBelow = false) => {
    const found = pathsIn(value);
    if (disk) (isBelow ? disk.below : disk.paths).push(...found);
    else paths.push(...found.map((path) => ({ path, as, isWriter: false })));
  };
  /** QEMU opens what its arguments name, as it likes; an image may lie over others. */
  const addArgument = (value: string) =>
    images.push(
      ...pathsIn(value).map((path) => ({ path, as: ARGUMENTS, format: '', isWriter: true })),
    );
  surveyXml(xml, {
    element(at, attributes) {
      const name = at.at(-1) ?? '';
      if (disk && at[2] !== 'disk') closeDisk();
      if (at.length === 3 && name === 'disk') {
        closeDisk();
        disk = openDisk();
      }
      if (disk) readDiskPart(disk, at, attributes);
      if (name === 'mac' && attributes['address']) macs.add(attributes['address'].toLowerCase());
      secrets.push(...secretsIn(name, attributes));
      if (name === 'cid' && attributes['address']) cids.push(Number(attributes['address']));
      const isArgument = name.endsWith(':arg');
      for (const value of Object.values(attributes))
        if (isArgument) addArgument(value);
        else add(value, name, at.includes('backingStore'));
    },
    text(at, text) {
      add(text, at.at(-1) ?? '');
    },
  });
  closeDisk();
  return { paths, macs: [...macs], cids, images, volumes, networkDisks, secrets };
}

/** `<secret uuid=… usage=…>` wherever it stands, and `secret='…'` as a TPM's encryption has it. */
const secretsIn = (name: string, attributes: Readonly<Record<string, string>>): string[] =>
  present(name === 'secret' ? [attributes['uuid'], attributes['usage']] : [attributes['secret']]);

/** A running guest's XML has the whole chain, and ends it with an empty `<backingStore/>`. */
function readDiskPart(
  disk: OpenDisk,
  at: readonly string[],
  attributes: Readonly<Record<string, string>>,
): void {
  if (at.length !== 4) return;
  const name = at[3];
  if (name === 'target') disk.device = attributes['dev'] ?? disk.device;
  if (name === 'driver') disk.format = attributes['type'] ?? disk.format;
  if (name === 'source') readSource(disk, attributes);
  if (name === 'readonly') disk.isReadOnly = true;
  if (name === 'backingStore') disk.isChainTold = true;
}

/** A file, a device, a volume of a pool, or one over the network. */
function readSource(disk: OpenDisk, attributes: Readonly<Record<string, string>>): void {
  disk.source = attributes['file'] ?? attributes['dev'] ?? disk.source;
  disk.pool = attributes['pool'] ?? disk.pool;
  disk.volume = attributes['volume'] ?? disk.volume;
  if (attributes['protocol']) disk.name = `${attributes['protocol']}:${attributes['name'] ?? ''}`;
}

/**
 * What a snapshot's XML names: the images that it began and those of its time, which only their own headers say more of, and the
 * paths of the definition that the guest had then. @throws BAD_ANSWER
 */
export function sweepSnapshot(name: string, xml: string): Pick<Swept, 'paths' | 'images'> {
  const as = `snapshot ${name}`;
  const paths: SweptPath[] = [];
  const images: SweptImage[] = [];
  const found = (value: string) =>
    pathsIn(value).map((path) => ({ path, as, format: '', isWriter: false }));
  surveyXml(xml, {
    element: (at, attributes) => {
      const into = at.at(-1) === 'source' ? images : paths;
      for (const value of Object.values(attributes)) into.push(...found(value));
    },
    text: (_at, text) => void paths.push(...found(text)),
  });
  return { paths, images };
}
