/** `plan.preview`: what each step would send, asked of the code that would send it. */
import type { z } from 'zod';
import { Confidential } from '../../model/confidential.js';
import { flagsOf, paramsOf } from '../../drivers/libvirt/transfer.js';
import { fileOf, travellingFiles, type DiskPlan } from '../../model/storage.js';
import { preview } from '../../workflows/steps/plan.js';
import { renderFor } from '../definition/rendering.js';
import { endsOf, implement } from '../kit/implement.js';
import type { Ends } from '../guest/location.js';
import { placedOn } from '../network/placed-on.js';
import { xmlDiff } from './xml-diff.js';
import { specOf } from '../transfer/spec.js';

/** Nothing is changed; the XML's difference is against the guest as it runs. */
export const previewActivity = implement(preview, (deps) => ({
  async run(input) {
    const { route } = input;
    const ends = await endsOf(deps, route);
    const [before, rendering] = await Promise.all([
      ends.source.hypervisor.secretXml(route.uuid, 'migratable'),
      renderFor(ends, input),
    ]);
    const groups = await deps.inventory.groups();
    const network = ends.target.network.describe(await placedOn(ends.target, input.ports), groups);
    const after = rendering.live ?? rendering.persistent;
    return {
      steps: stepsOf(input, ends, network),
      xmlDiff: xmlDiff(route, before, after),
      dropped: [...rendering.dropped],
    };
  },
}));

type Input = z.output<typeof preview.input>;

function stepsOf(input: Input, ends: Ends, network: readonly string[]) {
  const { route, disks, ports } = input;
  const copied = disks.filter(({ handling }) => handling === 'copy' || handling === 'static');
  const volumes = disks.filter(({ handling }) => handling === 'volume');
  const { storage } = ends.target;
  return [
    { name: 'network.bindTarget', lines: [...network] },
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

function transferLine(input: Input, ends: Ends): string {
  const spec = specOf(input, ends, new Confidential('(below)'));
  const shown = paramsOf(spec).map(({ name, value }) => `${name}=${String(value)}`);
  return `virDomainMigrateToURI3 ${spec.targetUri} flags=0x${flagsOf(spec).toString(16)} ${shown.join(' ')}`;
}

const linesOfDisk = (disk: DiskPlan): string[] => [
  ...disk.inspection.backing.map(({ path }) => `fetch ${path} unless it is there, by checksum`),
  `${disk.handling === 'copy' ? 'qemu-img create' : 'copy'} ${fileOf(disk) ?? disk.device} (${disk.format}, ${disk.inspection.capacityBytes} bytes)`,
];
