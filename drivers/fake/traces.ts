/** What a fake host's migrations leave: rendered definitions, marks and probes. */
import { dirname } from 'node:path';
import { MigrationId, type HostName, type HostPath } from '../../model/ids.js';
import type { RenderedDefinitions } from '../interfaces/rendered.js';
import type { HostTraces, Trace } from '../interfaces/traces.js';
import { filesOf, hostOf, type FakeWorld } from './world.js';

/** The rendered definitions of one fake host. */
export function fakeRendered(world: FakeWorld, host: HostName): RenderedDefinitions {
  const { rendered } = hostOf(world, host);
  return {
    put: (owner, name, xml) => Promise.resolve(void rendered.set(`${owner}/${name}`, xml)),
    get: (owner, name) => Promise.resolve(rendered.get(`${owner}/${name}`)),
    remove: (owner) => {
      for (const key of rendered.keys()) if (key.startsWith(`${owner}/`)) rendered.delete(key);
      return Promise.resolve();
    },
  };
}

/** The traces of one fake host; its copies leave none. */
export function fakeTraces(world: FakeWorld, name: HostName): HostTraces {
  const host = hostOf(world, name);
  const traceOf = (kind: Trace['kind'], subject: string, owner: string): Trace => ({
    kind,
    subject,
    owner: MigrationId.parse(owner),
  });
  const filesIn = (folders: readonly HostPath[]) => [
    ...new Set(
      folders.flatMap((folder) =>
        [...filesOf(world, host, folder).keys()].filter((path) => isNear(path, folder)),
      ),
    ),
  ];
  const marksIn = (folders: readonly HostPath[]) =>
    [...host.marks]
      .filter(([path]) => folders.some((folder) => isNear(path, folder)))
      .flatMap(([subject, owners]) =>
        [...owners].map((owner) =>
          owner.startsWith('last-')
            ? traceOf('last', subject, owner.slice('last-'.length))
            : traceOf('mark', subject, owner),
        ),
      );
  const probesIn = (folders: readonly HostPath[]) =>
    filesIn(folders).flatMap((path) => {
      const [, owner] = /\/\.drover-probe-([^/]+)$/.exec(path) ?? [];
      return owner ? [traceOf('probe', path, owner)] : [];
    });
  const rendered = () =>
    [...new Set([...host.rendered.keys()].map(dirname))].map((owner) =>
      traceOf('rendered', `/var/lib/drover/rendered-${owner}`, owner),
    );
  const devices = () =>
    [...host.devices].flatMap(([path, { taken }]) =>
      taken ? [traceOf('device', path, taken.owner)] : [],
    );
  return {
    // Files come before their folders.
    find: async (folders) =>
      [...marksIn(folders), ...probesIn(folders), ...rendered(), ...devices()].sort(
        (a, b) => b.subject.split('/').length - a.subject.split('/').length,
      ),
    aside: async (folders) => filesIn(folders).filter((path) => path.endsWith('_resize')),
    removeCopies: () => Promise.resolve(),
  };
}

/** In the folder, or in one that is in it. */
const isNear = (path: string, folder: string): boolean =>
  path.startsWith(`${folder}/`) && path.slice(folder.length + 1).split('/').length <= 2;
