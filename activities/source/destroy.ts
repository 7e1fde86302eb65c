/** `source.destroy`: the definition, then the copied disks; never what is shared, never a volume. */
import { dirname } from 'node:path';
import type { HostPath } from '../../model/ids.js';
import { destroySource } from '../../workflows/steps/source.js';
import { implement } from '../kit/implement.js';
import { requireOnTarget } from '../kit/location.js';
import { isOwnFolder } from '../target/precheck.js';

/** F17. */
export const destroySourceActivity = implement(destroySource, (deps) => ({
  async run({ route, disks }) {
    const { source } = await requireOnTarget(deps, route);
    await source.hypervisor.undefine(route.uuid);
    const files = disks.flatMap(({ handling, source: at }) =>
      (handling === 'copy' || handling === 'static') && at.kind === 'file' ? [at.path] : [],
    );
    const folders = files
      .map((file) => dirname(file) as HostPath)
      .filter((folder) => isOwnFolder(folder, route));
    if (files.length > 0) await source.storage.files.remove([...new Set([...files, ...folders])]);
    return {};
  },
}));
