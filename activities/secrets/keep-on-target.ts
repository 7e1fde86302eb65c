/** `secrets.keepOnTarget`. */
import { secretsOf } from '../../model/need.js';
import { keepSecrets } from '../../workflows/steps/secrets.js';
import { endsOf, implement } from '../kit/implement.js';

/** Their mark goes, and nothing takes them back any more. */
export const keepSecretsActivity = implement(keepSecrets, (deps) => ({
  async run({ route, vm }) {
    const { target } = await endsOf(deps, route);
    for (const ref of secretsOf(vm)) await target.hypervisor.keepSecret(ref, route.migrationId);
    return {};
  },
  describe: () => [],
}));
