/** `plan.previewCold`: what each step of a cold migration would do, in the words of the code that would do it. */
import type { z } from 'zod';
import { overlayOf } from '../../model/copy.js';
import { setAsidesOf, travellingFiles } from '../../model/storage.js';
import { previewCold } from '../../workflows/steps/plan.js';
import { flattenedOf, movesOf, ordersOf, overlaysOf } from '../disks/orders.js';
import { renderFor } from '../definition/rendering.js';
import { endsOf, implement } from '../kit/implement.js';
import type { Ends } from '../guest/location.js';
import { placedOn } from '../network/placed-on.js';
import { xmlDiff } from './xml-diff.js';

/** Nothing is changed; the XML's difference is against the guest's definition on the source. */
export const previewColdActivity = implement(previewCold, (deps) => ({
  async run(input) {
    const { route } = input;
    const ends = await endsOf(deps, route);
    const [before, { persistent, dropped }] = await Promise.all([
      ends.source.hypervisor.secretXml(route.uuid, 'definition'),
      renderFor(ends, input),
    ]);
    const groups = await deps.inventory.groups();
    const network = ends.target.network.describe(await placedOn(ends.target, input.ports), groups);
    return {
      steps: linesOf(input, ends, network).filter(({ lines }) => lines.length > 0),
      xmlDiff: xmlDiff(route, before, persistent),
      dropped: [...dropped],
    };
  },
}));

type Input = z.output<typeof previewCold.input>;

function linesOf(input: Input, { target }: Ends, network: readonly string[]) {
  const { route, disks, power } = input;
  const warm = input.options.isWarm && power !== 'off' ? overlaysOf(input) : [];
  const volumes = disks.filter(({ handling }) => handling === 'volume');
  const asides = setAsidesOf(disks, route);
  const { storage } = target;
  return [
    { name: 'network.bindTarget', lines: [...network] },
    { name: 'disks.prepareCopy', lines: preparing(input) },
    {
      name: 'disks.precopy',
      lines: warm.map(
        ({ device, base }) => `overlay ${overlayOf(base, 'ID')} over ${device} while it is copied`,
      ),
    },
    { name: 'guest.powerOff', lines: poweringOff(input) },
    {
      name: 'volumes.detachSource',
      lines: volumes.map(({ device }) => `end ${route.source}'s connection of ${device}`),
    },
    {
      name: 'directory.setAside',
      lines: asides.map(({ from, to }) => `on ${route.source}: mv ${from} ${to}`),
    },
    {
      name: 'disks.flatten',
      lines: flattenedOf(input).map(
        ({ disk }) => `qemu-img convert ${disk.device} to one flat qcow2 on ${route.source}`,
      ),
    },
    { name: 'disks.transfer', lines: transferring(input) },
    {
      name: 'volumes.connectTarget',
      lines: volumes.flatMap((disk) => storage.kindOf(disk).describe(disk)),
    },
    { name: 'definition.define', lines: [`virDomainDefineXMLFlags on ${route.target}`] },
    {
      name: 'guest.start',
      lines:
        power === 'off'
          ? []
          : [`virDomainCreateWithFlags on ${route.target}${power === 'paused' ? ', paused' : ''}`],
    },
    {
      name: 'source.discard',
      lines: [
        `after confirm: virDomainUndefineFlags on ${route.source}`,
        ...asides
          .filter(({ to }) => !movesOf(input).some((move) => move.to === to))
          .map(({ to }) => `after confirm: rm ${to}`),
      ],
    },
  ];
}

const preparing = ({ disks }: Input): string[] => [
  ...travellingFiles(disks.filter(({ handling }) => handling === 'static')).map(
    (path) => `bring ${path}`,
  ),
  ...disks
    .filter(({ handling }) => handling === 'copy')
    .flatMap(({ inspection }) =>
      inspection.backing.map(({ path }) => `fetch ${path} unless it is there, by checksum`),
    ),
];

const poweringOff = ({ route, power, options }: Input): string[] =>
  power === 'off'
    ? []
    : [
        `virDomainShutdownFlags on ${route.source}; virDomainDestroyFlags after ${options.shutdownSeconds} s`,
      ];

const transferring = (input: Input): string[] => [
  ...movesOf(input).map(({ from, to }) => `mv ${to} ${from}`),
  ...ordersOf(input, true).map(({ device, way, chain, to, bytes }) =>
    way === 'nbd'
      ? `qemu-nbd ${chain.map(({ path }) => path).join(' over ')}, qemu-img convert to ${to}: ${device}, at most ${bytes} bytes`
      : `tar ${chain[0]?.path ?? ''} over ssh to ${to}: ${device}, at most ${bytes} bytes`,
  ),
];
