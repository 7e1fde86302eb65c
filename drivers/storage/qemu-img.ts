/** What `qemu-img info --output=json` says of disks and of what lies below them. */
import { defined } from '../../model/defined.js';
import { z } from 'zod';
import type { Confidential } from '../../model/confidential.js';
import { CodedError, type ErrorCode } from '../../model/errors.js';
import { climbs, HostPath } from '../../model/ids.js';
import { shellWord } from '../../model/shell-word.js';
import { DiskInspection } from '../../model/storage.js';
import type { HostShell } from '../interfaces/shell.js';
import type { Chain, ImageAt, Layer } from '../interfaces/storage.js';
import { INSPECT, INSPECT_VOLUME } from './scripts.js';

/** Deeper chains are no guest's; a loop of them has no end. */
const MAX_LAYERS = 16;
/** Less than a step that only asks may take, so that it can still say what did not answer. */
const ALL_IMAGES_MS = 15_000;

/**
 * Sample: `{"virtual-size": 67108864, "filename": "/a", "format": "qcow2", "actual-size": 200704, "full-backing-filename": "/b",
 * "backing-filename-format": "raw", "snapshots": [{"name": "before"}], "format-specific": {"data": {"bitmaps": [{"name": "b0"}]}}}`
 */
const Info = z.looseObject({
  format: z.string(),
  'virtual-size': z.number(),
  'actual-size': z.number().default(0),
  'cluster-size': z.number().optional(),
  'full-backing-filename': z.string().optional(),
  'backing-filename-format': z.string().default(''),
  snapshots: z.array(z.looseObject({ name: z.string() })).default([]),
  'format-specific': z
    .looseObject({
      data: z
        .looseObject({
          bitmaps: z.array(z.looseObject({ name: z.string() })).default([]),
          compat: z.string().optional(),
          'refcount-bits': z.number().optional(),
          'lazy-refcounts': z.boolean().optional(),
          'extended-l2': z.boolean().optional(),
          // It goes into an option of qemu-img's, where another word could name a file.
          'compression-type': z.enum(['zlib', 'zstd']).optional(),
          'data-file': z.string().optional(),
          encrypt: z.unknown().optional(),
        })
        .optional(),
    })
    .optional(),
});

/** One disk with its chain. @throws BAD_ANSWER; COMMAND_FAILED with qemu-img's own words; STORAGE_UNSUITABLE */
export async function inspectImage(
  shell: HostShell,
  host: string,
  location: string,
  format: string,
): Promise<DiskInspection> {
  const [chain] = await readChains(shell, [{ path: location, format }]);
  return inspectionOf(chain ?? { layers: [], problem: 'no answer' }, host, location);
}

/** A volume, by QEMU's options and with the password that it asks for, if it does. @throws as above */
export async function inspectVolume(
  shell: HostShell,
  host: string,
  { name, options, password }: { name: string; options: string; password?: Confidential },
): Promise<DiskInspection> {
  const { stdout } = await shell.run(INSPECT_VOLUME, [options, password ? 'locked' : ''], {
    stdin: password?.reveal() ?? '',
    timeoutMs: ALL_IMAGES_MS,
  });
  const layer = layerIn({ path: name, format: 'raw' }, framed(stdout)[0]);
  const chain = typeof layer === 'string' ? { layers: [], problem: layer } : { layers: [layer] };
  return inspectionOf(chain, host, name);
}

/** A chain as a disk's inspection. @throws as above */
export function inspectionOf(chain: Chain, host: string, location: string): DiskInspection {
  const refuse = (code: ErrorCode, why: string, hint: string) =>
    new CodedError(code, `${location} on ${host} ${why}`, { hint, facts: { host } });
  const [top, ...below] = chain.layers;
  const hint = `On ${host} try: qemu-img info -U --backing-chain ${shellWord(location)}`;
  if (!top) throw refuse('COMMAND_FAILED', `cannot be read: ${chain.problem ?? ''}`, hint);
  const fault = faultOf(chain, top);
  if (fault) throw refuse(fault.code ?? 'STORAGE_UNSUITABLE', fault.why, fault.hint ?? hint);
  return DiskInspection.parse({
    capacityBytes: top.capacityBytes,
    allocatedBytes: top.allocatedBytes,
    holds: top.holds,
    ...defined({ made: top.made }),
    backing: below.map(({ path, format, allocatedBytes }) => ({
      path,
      format,
      sizeBytes: allocatedBytes,
    })),
  });
}

/** Why a chain is none that drover moves, and what helps: the name of an image stands in the header of the one that lies over it. */
function faultOf(
  { layers, problem, problemAt }: Chain,
  top: Layer,
): { code?: ErrorCode; why: string; hint?: string } | undefined {
  const holder = layers.at(-1) ?? top;
  if (problemAt !== undefined && !isFile({ path: problemAt, format: '' }))
    return {
      why: `lies over ${problemAt}, which drover does not know${by(holder, top)}`,
      hint: `If that is a file, name it by its absolute path: ${rebase(holder, 'PATH')} Else make the disk one image: qemu-img convert.`,
    };
  if (problem !== undefined)
    return { code: 'BAD_ANSWER', why: `lies over what cannot be read: ${problem}` };
  const split = layers.find(({ dataFile }) => dataFile !== undefined);
  if (split)
    return {
      why: `${split === top ? '' : `lies over ${split.path}, which `}keeps its data in another file, ${split.dataFile ?? ''}`,
      hint: 'Make it one image first: qemu-img convert.',
    };
  const at = layers.findIndex((layer, index) => index > 0 && !isPlain(layer));
  const [over, odd] = [layers[at - 1], layers[at]];
  if (!over || !odd) return undefined;
  if (climbs(odd.path))
    return {
      why: `lies over ${odd.path}, which leads through ..${by(over, top)}`,
      hint: `Backing files are named by absolute paths. The same file by its own: ${rebase(over, `"$(realpath ${shellWord(odd.path)})"`)}`,
    };
  return {
    why: `lies over ${odd.path} (${odd.format}), which drover does not know${by(over, top)}`,
    hint: 'Backing files are raw or qcow2 files. Make the disk one image: qemu-img convert.',
  };
}

/** Which header has the name, unless it is the disk's own. */
const by = (holder: Layer, top: Layer): string =>
  holder === top ? '' : ` (so named in the header of ${holder.path})`;

/** Writes another name into the header of that very image, and nothing else. */
const rebase = ({ path, below }: Layer, to: string): string =>
  `qemu-img rebase -u -b ${to} -F ${below?.format ? below.format : 'FORMAT'} ${shellWord(path)}, while no guest that uses ${path} runs.`;

const isPlain = ({ path, format }: Layer): boolean =>
  HostPath.safeParse(path).success && ['raw', 'qcow2'].includes(format);

/** Every image's layers, each opened alone, all of one depth at once; images that share layers ask for them once. */
export async function readChains(
  shell: Pick<HostShell, 'run'>,
  images: readonly ImageAt[],
): Promise<readonly Chain[]> {
  const seen = new Map<string, Layer | string>();
  let next: readonly ImageAt[] = images;
  for (let depth = 0; next.length > 0 && depth < MAX_LAYERS; depth++) {
    const fresh = [...new Map(next.map((image) => [keyOf(image), image])).values()].filter(
      (image) => !seen.has(keyOf(image)),
    );
    const found = await inspectLayers(shell, fresh);
    fresh.forEach((image, index) => seen.set(keyOf(image), found[index] ?? 'no answer'));
    next = found
      .flatMap((layer) => (typeof layer === 'string' ? [] : (layer.below ?? [])))
      .filter(isFile);
  }
  return images.map((image) => chainOf(image, seen));
}

/** A name of another kind, `nbd:…` or `json:…`, is an image's own choice: root opens nothing by it, and calls nobody (S21). */
const isFile = ({ path }: ImageAt): boolean => path.startsWith('/');

const keyOf = ({ path, format }: ImageAt): string => `${format}:${path}`;

/** Follows what was read; ends at the bottom, at a problem, or where there would be no end. */
function chainOf(image: ImageAt, seen: ReadonlyMap<string, Layer | string>): Chain {
  const layers: Layer[] = [];
  for (let at: ImageAt | undefined = image; at;) {
    const { path } = at;
    if (layers.some((above) => above.path === path))
      return { layers, problem: `${path} lies over itself` };
    if (layers.length > 0 && !isFile(at))
      return { layers, problem: `${path} is no path of a file`, problemAt: path };
    const layer: Layer | string = seen.get(keyOf(at)) ?? `more than ${MAX_LAYERS} layers`;
    if (typeof layer === 'string') return { layers, problem: layer, problemAt: path };
    layers.push(layer);
    at = layer.below;
  }
  return { layers };
}

/** What each says of itself, or qemu-img's last words. */
async function inspectLayers(
  shell: Pick<HostShell, 'run'>,
  images: readonly ImageAt[],
): Promise<(Layer | string)[]> {
  if (images.length === 0) return [];
  const args = images.flatMap(({ format, path }) => [format, path]);
  const options = { timeoutMs: ALL_IMAGES_MS };
  const { stdout } = await shell.run(INSPECT, args, options);
  const answers = framed(stdout);
  return images.map((image, index) => layerIn(image, answers[index]));
}

/** An answer, read. */
function layerIn(
  image: ImageAt,
  { text, code }: { text: string; code: string } = { text: '', code: 'no answer' },
): Layer | string {
  if (code === '124' || code === '137') return 'qemu-img does not answer';
  if (code === 'none') return 'is no file and no block device';
  return code === '0' ? layerOf(image, text) : (text.trim().split('\n').at(-1) ?? code);
}

/** Each answer is followed by a line with its exit code. */
function framed(stdout: string): { text: string; code: string }[] {
  const answers: { text: string; code: string }[] = [];
  let lines: string[] = [];
  for (const line of stdout.split('\n')) {
    const [, code] = /^--- (\d+|none)$/.exec(line) ?? [];
    if (code === undefined) lines.push(line);
    else {
      answers.push({ text: lines.join('\n'), code });
      lines = [];
    }
  }
  return answers;
}

/** What its maker said: an option that QEMU would choose by itself is left to it, so that an older one takes the rest. */
function madeWith(data: z.infer<typeof Info>): string | undefined {
  const special = data.format === 'qcow2' ? data['format-specific']?.data : undefined;
  const options = [
    isPreallocated(data) ? 'preallocation=falloc' : undefined,
    special?.compat === '0.10' ? 'compat=0.10' : undefined,
    special ? unless(data['cluster-size'], 65_536, 'cluster_size') : undefined,
    unless(special?.['refcount-bits'], 16, 'refcount_bits'),
    unless(special?.['compression-type'], 'zlib', 'compression_type'),
    special?.['lazy-refcounts'] ? 'lazy_refcounts=on' : undefined,
    special?.['extended-l2'] ? 'extended_l2=on' : undefined,
  ].filter((option) => option !== undefined);
  return options.length > 0 ? options.join(',') : undefined;
}

/** It has all of its room already, whether somebody has reserved it or the guest has filled it: its copy has it as well. */
const isPreallocated = (data: z.infer<typeof Info>): boolean =>
  data['full-backing-filename'] === undefined && data['actual-size'] >= data['virtual-size'];

const unless = <T>(value: T | undefined, usual: T, name: string): string | undefined =>
  value === undefined || value === usual ? undefined : `${name}=${String(value)}`;

function layerOf({ path }: ImageAt, text: string): Layer | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'qemu-img answered something unreadable';
  }
  const { data } = Info.safeParse(json);
  if (!data) return 'qemu-img answered something unreadable';
  const below = data['full-backing-filename'];
  const special = data['format-specific']?.data;
  return {
    path,
    format: data.format,
    capacityBytes: data['virtual-size'],
    allocatedBytes: data['actual-size'],
    ...defined({
      below:
        below === undefined ? undefined : { path: below, format: data['backing-filename-format'] },
      dataFile: special?.['data-file'],
      made: madeWith(data),
    }),
    holds: [
      ...data.snapshots.map(({ name }) => `snapshot ${name}`),
      ...(special?.bitmaps ?? []).map(({ name }) => `bitmap ${name}`),
    ],
  };
}
