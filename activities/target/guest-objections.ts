/** Objections to moving the guest now, or to this target, beyond what its definition shows. */
import { BlockList, isIP } from 'node:net';
import { COPY_PORTS } from '../../drivers/interfaces/copy.js';
import { present } from '../../model/defined.js';
import { objection, type Objection } from '../../model/objection.js';
import { shellWord } from '../../model/shell-word.js';
import { copiedDisks, isVariables } from '../../model/storage.js';
import { isActive } from '../../model/vm.js';
import { familyOf } from '../host/console-address.js';
import { libvirtAddress, migrationAddressOf } from '../../model/host-address.js';
import { isLinked, isMemoryPathOpen } from '../host/link.js';
import { differingFiles, filesInTheWay, filesOfOthers } from './files-there.js';
import { placesNeeded } from './need-places.js';
import { secretObjections } from '../secrets/objections.js';
import { networksAlike } from './networks-alike.js';
import type { Question } from './objections.js';

/** Jobs that run, a TPM that the target cannot emulate or has a state of, and networks that are others of the same name. */
export async function guestObjections(question: Question): Promise<Objection[]> {
  return (
    await Promise.all([
      busyObjections(question),
      tpmObjections(question),
      secretObjections(question),
      networksAlike(question),
      pathObjections(question),
      copyPathObjections(question),
      addressObjections(question),
      placesNeeded(question),
      differingFiles(question),
      filesInTheWay(question),
      filesOfOthers(question),
    ])
  ).flat();
}

async function busyObjections({ vm, source }: Question): Promise<Objection[]> {
  if (!isActive(vm.state)) return [];
  const devices = vm.disks.filter((disk) => !isVariables(disk)).map(({ device }) => device);
  const jobs = await source.hypervisor.busy(vm.uuid, devices);
  return jobs.map(({ device, kind }) =>
    device === undefined
      ? objection(
          'the guest',
          `is busy with a ${kind} job`,
          `wait, or end it (virsh domjobabort ${shellWord(vm.name)})`,
        )
      : objection(
          `disk ${device}`,
          `has a running ${kind} job`,
          `wait, or end it (virsh blockjob ${shellWord(vm.name)} ${device} --abort)`,
        ),
  );
}

/** The memory's way, as well as it can be seen before somebody listens at its end. */
async function pathObjections({ source, target, move }: Question): Promise<Objection[]> {
  const ends = { source, target };
  if (move !== 'live' || (await isMemoryPathOpen(ends)) || !(await isLinked(ends))) return [];
  const address = migrationAddressOf(target.host);
  const what = `${target.host.name} would take the memory (ports 49152 to 49215)`;
  return [noAnswer(address, what, 'migration-ports')];
}

const noAnswer = (address: string, what: string, accept: string): Objection =>
  objection(
    'the link',
    `gives no answer at ${address}, where ${what}`,
    'open these ports in its firewall, or give it another --migration-address',
    { accept },
  );

/** A cold copy is fetched from the source: only a firewall that drops packets can be told from a port on which nobody listens yet. */
async function copyPathObjections({ disks, source, target, move }: Question): Promise<Objection[]> {
  if (move !== 'cold' || copiedDisks(disks).length === 0) return [];
  const address = migrationAddressOf(source.host);
  if ((await target.network.knock(address, COPY_PORTS.first)) !== 'silent') return [];
  const what = `${source.host.name} would offer the copies (ports ${COPY_PORTS.first} to ${COPY_PORTS.last})`;
  return [noAnswer(address, what, 'copy-ports')];
}

/** The addresses where the source would send the guest are the target's own, or the guest ends somewhere else. */
async function addressObjections({ target, move }: Question): Promise<Objection[]> {
  if (move !== 'live') return [];
  const { host } = target;
  const asked = [
    { flag: '--uri', address: libvirtAddress(host.libvirtUri).address },
    { flag: '--migration-address', address: migrationAddressOf(host) },
  ].filter(({ address }) => isIP(address) !== 0);
  const found = asked.length > 0 ? (await target.surroundings.look()).addresses : [];
  // Its loopback is, from the source, the source's.
  const own = found.filter(({ address }) => !/^(?:127\.|::1$)/.test(address));
  const foreign = asked.filter(({ address }) => !own.some((one) => isSame(one.address, address)));
  return foreign.map(({ flag, address }) =>
    objection(
      `the ${flag} of ${host.name}`,
      `leads to ${address}, which is no address of ${host.name}: the guest would arrive elsewhere`,
      `correct it (drover hosts add ${host.name} ${flag} …); behind an address translation you may know better`,
      { accept: 'foreign-address' },
    ),
  );
}

/** IPv6 has several spellings of one address. */
function isSame(a: string, b: string): boolean {
  const list = new BlockList();
  list.addAddress(a, familyOf(a));
  return list.check(b, familyOf(b));
}

async function tpmObjections({ vm, target, route }: Question): Promise<Objection[]> {
  if (!vm.tpm) return [];
  const [canEmulate, state] = await Promise.all([
    target.hypervisor.canEmulateTpm(vm),
    target.storage.files.within(vm.tpm.stateFolder),
  ]);
  return [
    ...present([
      canEmulate
        ? undefined
        : objection(
            'tpm',
            `needs swtpm, which ${route.target} lacks`,
            `install it there (swtpm, swtpm-tools)`,
          ),
    ]),
    ...present([
      state.length > 0
        ? objection(
            'tpm',
            `has a stale state at ${vm.tpm.stateFolder} on ${route.target}`,
            `if it is on storage that both hosts see, it is the guest’s own: give each host its own /var/lib/libvirt/swtpm, and remove nothing; else find out which VM it belongs to, and if none, remove it on ${route.target}`,
          )
        : undefined,
    ]),
  ];
}
