/** What a fake disk's content says of it, and of what lies below it. */
import { defined } from '../../model/defined.js';
import type { Chain, ImageAt, Layer } from '../interfaces/storage.js';
import { CAPACITY, type FakeFile } from './world.js';

/** An image with what lies below it, as far as it is there. */
export function chainAt(fileAt: (path: string) => FakeFile | undefined, image: ImageAt): Chain {
  const layers: Layer[] = [];
  for (let at: ImageAt | undefined = image; at;) {
    const { path }: ImageAt = at;
    if (layers.some((above) => above.path === path))
      return { layers, problem: `${path} lies over itself` };
    const file = fileAt(path);
    if (!file)
      return { layers, problem: `Could not open '${path}': No such file`, problemAt: path };
    const layer = layerOf(at, file);
    layers.push(layer);
    at = layer.below;
  }
  return { layers };
}

function layerOf({ path, format }: ImageAt, { content }: FakeFile): Layer {
  // Whatever is written in it: a raw image has no header.
  const [, below] = format === 'raw' ? [] : (/over:(\S+)/.exec(content) ?? []);
  return {
    path,
    format: format || 'qcow2',
    capacityBytes: CAPACITY,
    allocatedBytes: CAPACITY / 4,
    holds: (content.match(/snapshot:\S+/g) ?? []).map((held) => held.replace(':', ' ')),
    ...defined({ below: below === undefined ? undefined : { path: below, format: 'qcow2' } }),
  };
}
