/** `plan.preview`: what each step would send, asked of the code that would send it. */
import type { z } from 'zod';
import { flagsOf, paramsOf } from '../../drivers/libvirt/transfer.js';
import type { SecurityGroup } from '../../model/network.js';
import { fileOf, travellingFiles, type DiskPlan } from '../../model/storage.js';
import { preview } from '../../workflows/steps/plan.js';
import { endsOf, implement } from '../kit/implement.js';
import type { Ends } from '../kit/location.js';
import { onTarget } from '../network/bind-target.js';
import { xmlDiff } from './xml-diff.js';
import { specOf } from '../transfer/run.js';

/** Nothing is changed; the XML's difference is against the guest as it runs. */
export const previewActivity = implement(preview, (deps) => ({
  async run(input) {
    const { route, liveXml } = input;
    const ends = await endsOf(deps, route);
    const before = await ends.source.hypervisor.xml(route.uuid, 'migratable');
    return {
      steps: stepsOf(input, ends, await deps.inventory.groups()),
      xmlDiff: xmlDiff(route, before, liveXml),
    };
  },
}));

type Input = z.output<typeof preview.input>;

function stepsOf(input: Input, ends: Ends, groups: readonly SecurityGroup[]) {
  const { route, disks, ports } = input;
  const copied = disks.filter(({ handling }) => handling === 'copy' || handling === 'static');
  const volumes = disks.filter(({ handling }) => handling === 'volume');
  const { network, storage } = ends.target;
  return [
    { name: 'network.bindTarget', lines: network.describe(onTarget(ports), groups) },
    {
      name: 'volumes.connectTarget',
      lines: volumes.flatMap((disk) => storage.kindOf(disk).describe(disk)),
    },
    { name: 'disks.prepareTarget', lines: copied.flatMap(linesOfDisk) },
    { name: 'transfer.run', lines: [transferLine(input, ends)] },
    {
      name: 'network.activateTarget',
      lines: ports.map(({ mac }) => `activate ${mac} on ${route.target}`),
    },
    { name: 'definition.persist', lines: [`virDomainDefineXMLFlags on ${route.target}`] },
    {
      name: 'network.releaseSource',
      lines: ports.map(({ mac, tap }) => `remove the chains of ${mac} (${tap}) on ${route.source}`),
    },
    {
      name: 'source.destroy',
      lines: [
        `virDomainUndefineFlags on ${route.source}`,
        ...travellingFiles(disks).map((path) => `rm ${path}`),
      ],
    },
  ];
}

function transferLine({ liveXml, disks, options }: Input, ends: Ends): string {
  const spec = specOf({ liveXml, disks, options }, ends);
  const shown = paramsOf(spec).map(({ name, value }) =>
    name === 'destination_xml' ? 'destination_xml=(below)' : `${name}=${String(value)}`,
  );
  return `virDomainMigrateToURI3 ${spec.targetUri} flags=0x${flagsOf(spec).toString(16)} ${shown.join(' ')}`;
}

const linesOfDisk = (disk: DiskPlan): string[] => [
  ...disk.inspection.backing.map(({ path }) => `fetch ${path} unless it is there, by checksum`),
  `${disk.handling === 'copy' ? 'qemu-img create' : 'copy'} ${fileOf(disk) ?? disk.device} (${disk.format}, ${disk.inspection.capacityBytes} bytes)`,
];
