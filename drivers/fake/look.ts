/** What stands under a fake host's paths, as a host's perl would tell it. */
import type { FileFacts } from '../interfaces/storage.js';
import { filesOf, momentOf, type FakeFile, type FakeHost, type FakeWorld } from './world.js';

/** The facts of one path. */
export function lookAt(world: FakeWorld, host: FakeHost, path: string): FileFacts {
  const real = realPath(world, host, path);
  const file = fileAt(world, host, real);
  const [user = '', group = '', mode = ''] = file ? ownedOf(file).split(':') : [];
  const [mount, fsType] = mountOf(host, real);
  const { content = '', extras = [] } = file ?? {};
  const about = { path, real, user, group, mode, mount, fsType, sizeBytes: content.length, extras };
  const isLink = fileAt(world, host, path)?.linkTo !== undefined;
  const moment = file ? momentOf(content) : '';
  const at = { ...about, isLink, changedAt: moment, writtenAt: moment };
  if (host.devices.has(real)) return { ...at, kind: 'block', id: `device:${real}` };
  if (!file) return { ...at, kind: 'absent', id: '' };
  const kind = file.isFolder ? 'folder' : 'file';
  return { ...at, kind, id: `${mount}:${file.inode ?? real}` };
}

const fileAt = (world: FakeWorld, host: FakeHost, path: string): FakeFile | undefined =>
  filesOf(world, host, path).get(path);

const ownedOf = ({ owned, isFolder }: FakeFile): string =>
  owned ?? `root:root:${isFolder ? '0755' : '0644'}`;

/** Every part of a path may be a link. */
function realPath(world: FakeWorld, host: FakeHost, path: string): string {
  let real = '';
  for (const part of path.split('/').filter(Boolean)) {
    real = `${real}/${part}`;
    const leads = fileAt(world, host, real)?.linkTo;
    if (leads !== undefined) real = realPath(world, host, leads);
  }
  return real || '/';
}

const mountOf = ({ mounts }: FakeHost, path: string): [string, string] =>
  [...mounts]
    .filter(([point]) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
    .sort(([a], [b]) => b.length - a.length)[0] ?? ['/', 'ext4'];
