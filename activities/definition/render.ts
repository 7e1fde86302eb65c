/** `definition.render`: both views of the XML, rewritten for the target. */
import { rewriteForTarget } from '../../drivers/libvirt/xml/rewrite.js';
import { CodedError } from '../../model/errors.js';
import { render } from '../../workflows/steps/definition.js';
import { endsOf, implement } from '../kit/implement.js';

/** L5 F14. The live view is what the transfer needs, the inactive one what is defined afterwards. */
export const renderActivity = implement(render, (deps) => ({
  async run({ route, ports }) {
    const { source, target } = await endsOf(deps, route);
    const guest = await source.hypervisor.find(route.uuid);
    if (!guest) {
      throw new CodedError('GUEST_MOVED', `${route.name} is no longer on ${route.source}`, {
        hint: 'Say: drover discover',
      });
    }
    const [live, inactive, facts] = await Promise.all([
      source.hypervisor.xml(route.uuid, 'migratable'),
      source.hypervisor.xml(route.uuid, guest.isPersistent ? 'inactive' : 'migratable'),
      target.hypervisor.facts(),
    ]);
    const { migrationAddress } = target.host;
    const context = {
      ports,
      targetCpus: facts.cpus,
      ...(migrationAddress ? { listenAddress: migrationAddress } : {}),
    };
    const { xml: liveXml, changes } = rewriteForTarget(live, context);
    const { xml: persistentXml } = rewriteForTarget(inactive, context);
    return { liveXml, persistentXml, isPersistent: guest.isPersistent, changes };
  },
}));
