/** `plan.preview`: what each step would send, asked of the code that would send it. */
import { createTwoFilesPatch } from 'diff';
import { flagsOf, paramsOf } from '../../drivers/libvirt/transfer.js';
import { preview } from '../../workflows/steps/plan.js';
import { endsOf, implement } from '../kit/implement.js';
import { onTarget } from '../network/bind-target.js';
import { pathsOf } from '../storage/prepare-disks.js';
import { specOf } from '../transfer/run.js';

/** Nothing is changed; the XML's difference is against the guest as it runs. */
export const previewActivity = implement(preview, (deps) => ({
  async run({ route, disks, ports, liveXml, options }) {
    const ends = await endsOf(deps, route);
    const { source, target } = ends;
    const [before, groups] = await Promise.all([
      source.hypervisor.xml(route.uuid, 'migratable'),
      deps.inventory.groups(),
    ]);
    const spec = specOf({ liveXml, disks, options }, ends);
    const shown = paramsOf(spec).map(({ name, value }) =>
      name === 'destination_xml' ? 'destination_xml=(below)' : `${name}=${String(value)}`,
    );
    const copied = disks.filter(({ handling }) => handling === 'copy' || handling === 'static');
    const steps = [
      { name: 'network.bindTarget', lines: target.network.describe(onTarget(ports), groups) },
      {
        name: 'volumes.connectTarget',
        lines: disks
          .filter(({ handling }) => handling === 'volume')
          .flatMap((disk) => target.storage.kindOf(disk).describe(disk)),
      },
      {
        name: 'disks.prepareTarget',
        lines: copied.flatMap((disk) => [
          ...disk.inspection.backing.map(
            ({ path }) => `fetch ${path} unless it is there, by checksum`,
          ),
          `${disk.handling === 'copy' ? 'qemu-img create' : 'copy'} ${disk.source.kind === 'file' ? disk.source.path : ''} (${disk.format}, ${disk.inspection.capacityBytes} bytes)`,
        ]),
      },
      {
        name: 'transfer.run',
        lines: [
          `virDomainMigrateToURI3 ${spec.targetUri} flags=0x${flagsOf(spec).toString(16)} ${shown.join(' ')}`,
        ],
      },
      {
        name: 'network.activateTarget',
        lines: ports.map(({ mac }) => `activate ${mac} on ${route.target}`),
      },
      { name: 'definition.persist', lines: [`virDomainDefineXMLFlags on ${route.target}`] },
      {
        name: 'network.releaseSource',
        lines: ports.map(
          ({ mac, tap }) => `remove the chains of ${mac} (${tap}) on ${route.source}`,
        ),
      },
      {
        name: 'source.destroy',
        lines: [
          `virDomainUndefineFlags on ${route.source}`,
          ...pathsOf(copied)
            .slice(0, copied.length)
            .map((path) => `rm ${path}`),
        ],
      },
    ];
    const xmlDiff = createTwoFilesPatch(
      `${route.name} on ${route.source}`,
      `${route.name} on ${route.target}`,
      before,
      liveXml,
      '',
      '',
      { context: 2 },
    );
    return { steps, xmlDiff };
  },
}));
