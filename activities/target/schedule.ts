/** `target.schedule`: fresh facts of every host, then the pure choice. */
import type { z } from 'zod';
import type { KnownHost } from '../../inventory/rows.js';
import { CodedError } from '../../model/errors.js';
import { defined } from '../../model/defined.js';
import { objectionText, standing } from '../../model/objection.js';
import { sidesOf } from '../../model/mapping.js';
import { placed } from '../../model/placement.js';
import { fileOf, folderOf, targetFileOf } from '../../model/storage.js';
import type { Vm } from '../../model/vm.js';
import { choose, type Candidate, type Refusal } from '../../planning/choose-target.js';
import { idleMaps } from '../../planning/placement.js';
import { schedule } from '../../workflows/steps/target.js';
import { implement, type Deps } from '../kit/implement.js';
import { lookout } from './candidates.js';

/**
 * Reads the facts of the hosts again: with old figures a host that is full would be chosen. If a target was requested, the others are
 * asked only when it does not fit, to name alternatives: a fleet may be large, and one of its hosts slow.
 */
export const scheduleActivity = implement(schedule, (deps) => ({
  async run(asked) {
    const { vm, target, maps } = asked;
    refuseIdle(vm, maps);
    const look = await lookout(deps, asked);
    const isMeant = ({ host }: KnownHost) => target === undefined || host.name === target;
    const [sizes, meant] = await Promise.all([sizesOfFiles(deps, vm), look(isMeant)]);
    let choice = choose(vm, meant, target);
    if ('refusals' in choice && target !== undefined)
      choice = choose(vm, [...meant, ...(await look((known) => !isMeant(known)))], target);
    if ('refusals' in choice) throw refused(asked, choice.refusals);
    const { target: chosen } = choice;
    const { seen, placement } = meant.find(({ host }) => host.name === chosen) ?? {};
    const diskBytes = bytesOnLocalDisks(placed(vm, placement), sizes, seen?.rooms ?? {});
    return { ...choice, diskBytes, ...defined({ placement }) };
  },
}));

/** @throws BAD_INPUT */
function refuseIdle(vm: Vm, maps: readonly string[]): void {
  const [idle] = idleMaps(vm, maps);
  if (idle === undefined) return;
  const has = [
    ...vm.disks.flatMap((disk) => fileOf(disk) ?? []),
    ...vm.ports.map(({ network, bridge }) => (network ? `network:${network}` : (bridge ?? ''))),
  ];
  throw new CodedError('BAD_INPUT', `nothing of ${vm.name} is in ${sidesOf(idle).from}`, {
    hint: `It has ${has.join(', ') || 'no files and no interfaces'}.`,
    facts: { map: idle },
  });
}

/** A fleet may be large, and a host may lack much: the sentence stays readable, and the facts keep more of it. */
const TOLD = { reasons: 8, hosts: 12, facts: 100 };

/** What speaks against the hosts, and what against the guest itself, which the later checks would have said. */
function refused(
  { vm, move, accepted, target }: z.output<typeof schedule.input>,
  refusals: readonly Refusal[],
): CodedError {
  const ofGuest = standing(vm.objections, move, accepted).map(objectionText);
  const hosts = refusals.map(({ host, reasons }) => `${host}: ${atMost(reasons, TOLD.reasons)}`);
  const guest = ofGuest.length > 0 ? `; and the guest itself: ${ofGuest.join('; ')}` : '';
  const isNamed = target !== undefined;
  return new CodedError(
    'NO_TARGET',
    `no host can take ${vm.name}: ${atMost(hosts, TOLD.hosts, '; ')}${guest}`,
    {
      hint: isNamed
        ? `Free or add what is missing on ${target}, or omit --to to let drover choose.`
        : 'Free what is missing on one of them, or register another host (drover hosts add).',
      facts: { hosts: hosts.slice(0, TOLD.facts), objections: ofGuest },
    },
  );
}

/** The first of them, and how many more there are. */
const atMost = (items: readonly string[], count: number, between = ', '): string => {
  const more = items.length > count ? [`and ${items.length - count} more`] : [];
  return [...items.slice(0, count), ...more].join(between);
};

/** The capacity of each disk that is a file, in bytes, as the host has it where the guest is. */
async function sizesOfFiles({ dataCentre }: Deps, vm: Vm): Promise<Map<string, number>> {
  const { storage } = await dataCentre.on(vm.host);
  const sizes = vm.disks.filter(targetFileOf).map(async (disk) => {
    const { capacityBytes } = await storage.kindOf(disk).inspect(disk);
    return [disk.device, capacityBytes] as const;
  });
  return new Map(await Promise.all(sizes));
}

/** Disk space that the claim reserves: files that are not on network filesystems may have to be copied. */
const bytesOnLocalDisks = (
  { disks }: Vm,
  sizes: ReadonlyMap<string, number>,
  rooms: NonNullable<Candidate['seen']>['rooms'],
): number =>
  disks
    .filter((disk) => {
      const file = targetFileOf(disk);
      return file && rooms[folderOf(file)]?.isNetworkFilesystem === false;
    })
    .reduce((sum, { device }) => sum + (sizes.get(device) ?? 0), 0);
