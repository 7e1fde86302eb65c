/** What a move from one host to another needs beside what each of them has. */
import { COPY_PORTS } from '../../drivers/interfaces/copy.js';
import { present } from '../../model/defined.js';
import type { HostCheck } from '../../model/host-check.js';
import type { HostFacts } from '../../model/host-facts.js';
import type { Vm } from '../../model/vm.js';
import { networkObjections } from '../../planning/networks.js';
import type { Ends } from '../guest/location.js';
import { versionText } from './facts.js';
import { libvirtAddress, migrationAddressOf } from '../../model/host-address.js';
import { isMemoryPathOpen } from './link.js';
import type { SeenHost } from './seen.js';
import { lacks, ok, some, type Check } from './verdicts.js';

/** All of a pair. @param vms those of the source */
export async function pairChecks(
  from: SeenHost,
  to: SeenHost,
  vms: readonly Vm[],
): Promise<HostCheck[]> {
  const ends = { source: from.drivers, target: to.drivers };
  const asked = [libvirtCheck(ends), memoryCheck(ends), copyCheck(ends)];
  const ofFacts =
    'is' in from.facts && 'is' in to.facts
      ? [versionCheck(from.facts.is, to.facts.is), ...guestChecks(vms, to, to.facts.is)]
      : [];
  const waysBetween = await Promise.all(asked);
  const found = [...waysBetween, authorityCheck(from, to), clockCheck(from, to), ...ofFacts];
  const where = `${from.drivers.host.name} to ${to.drivers.host.name}`;
  return found.map((one) => ({ where, ...one }));
}

/** A live move logs in there as libvirtd's own user, root, with root's keys. */
async function libvirtCheck({ source, target }: Ends): Promise<Check> {
  const { name, libvirtUri } = target.host;
  const about = 'libvirt';
  const reached = await source.hypervisor.reach(libvirtUri);
  if (reached.is === 'reached') return ok(about, `${libvirtUri} answers`);
  if (reached.is !== 'refused') {
    const { address, port } = libvirtAddress(libvirtUri);
    const knock = port ? await source.network.knock(address, port) : 'accepts';
    return knock === 'accepts'
      ? some(
          about,
          `${address} answers; no virsh on ${source.host.name} to try ${libvirtUri}`,
          'apt-get install libvirt-clients',
        )
      : lacks(
          about,
          `nobody answers at ${address} port ${String(port)}`,
          `drover hosts add ${name} --uri …`,
        );
  }
  return lacks(
    about,
    `${libvirtUri}: ${reached.why}: no live moves`,
    `on ${source.host.name} as root: virsh -c ${libvirtUri} hostname; correct it with drover hosts add ${name} --uri …`,
  );
}

async function memoryCheck(ends: Ends): Promise<Check> {
  const address = migrationAddressOf(ends.target.host);
  return (await isMemoryPathOpen(ends))
    ? ok('memory', `${address} answers on QEMU’s ports`)
    : lacks(
        'memory',
        `${address} is silent on QEMU’s ports (49152 to 49215): no live moves`,
        'open them in its firewall, or give it another --migration-address',
      );
}

async function copyCheck({ source, target }: Ends): Promise<Check> {
  const address = migrationAddressOf(source.host);
  const ports = `ports ${COPY_PORTS.first} to ${COPY_PORTS.last}`;
  return (await target.network.knock(address, COPY_PORTS.first)) === 'silent'
    ? lacks(
        'copies',
        `${address} is silent on ${ports}: no cold copies`,
        `open them on ${source.host.name} for ${target.host.name}`,
      )
    : ok('copies', `${address} answers on ${ports}`);
}

/** Each end trusts what its own authority has signed. */
function authorityCheck(from: SeenHost, to: SeenHost): Check {
  const [here, there] = [from, to].map(({ equipment }) =>
    'is' in equipment ? equipment.is.certificates.authority : undefined,
  );
  if (!here || !there)
    return some('certificates', 'not on both: no live move with --tls', 'docs/hosts.md, TLS');
  return here === there
    ? ok('certificates', 'of one authority')
    : some(
        'certificates',
        'of two authorities: a live move with --tls fails',
        'give both the same ca-cert.pem',
      );
}

const CLOCKS_APART_MS = 10_000;

function clockCheck(from: SeenHost, to: SeenHost): Check {
  const seconds = Math.round(Math.abs(from.clockAheadMs - to.clockAheadMs) / 1000);
  return seconds * 1000 < CLOCKS_APART_MS
    ? ok('clocks', 'agree')
    : some(
        'clocks',
        `are ${seconds} s apart: a guest’s clock may jump, and certificates fail`,
        'start chrony on both',
      );
}

/** A running guest's state goes only to a hypervisor that is as new. */
function versionCheck(here: HostFacts, there: HostFacts): Check {
  const older = [
    there.qemuVersion < here.qemuVersion &&
      `QEMU ${versionText(there.qemuVersion)} is older than ${versionText(here.qemuVersion)}`,
    there.libvirtVersion < here.libvirtVersion &&
      `libvirt ${versionText(there.libvirtVersion)} is older than ${versionText(here.libvirtVersion)}`,
  ].filter((text) => typeof text === 'string');
  return older.length === 0
    ? ok('versions', 'as new or newer')
    : some(
        'versions',
        `${older.join(', ')}: live moves only with --accept older-hypervisor`,
        'upgrade it',
      );
}

/** What its guests are attached to and run as. */
function guestChecks(vms: readonly Vm[], { drivers }: SeenHost, facts: HostFacts): Check[] {
  const { name } = drivers.host;
  const why = vms.flatMap((vm) => {
    const hasMachine = facts.machines.includes(vm.machine);
    const machine = hasMachine ? undefined : `it lacks the machine type ${vm.machine}`;
    const missing = [...networkObjections(vm, facts, name), ...present([machine])];
    return missing.map((text) => `${vm.name}: ${text}`);
  });
  if (why.length === 0)
    return [ok('guests', `networks and machine types of ${vms.length} are there`)];
  return why.map((text) => some('guests', text, 'the guest stays, or the host gets it'));
}
