/** What a move from one host to another needs beside what each of them has. */
import { COPY_PORTS } from '../../drivers/interfaces/copy.js';
import { defined, present } from '../../model/defined.js';
import type { HostCheck } from '../../model/host-check.js';
import type { HostFacts } from '../../model/host.js';
import type { Vm } from '../../model/vm.js';
import { networkObjections } from '../../planning/networks.js';
import type { Ends } from '../guest/location.js';
import { versionText } from './facts.js';
import { libvirtAddress, migrationAddressOf } from '../../model/host-address.js';
import { isMemoryPathOpen } from './link.js';
import type { SeenHost } from './seen.js';

/** A check without its place; nothing to mend where it is well. */
type Check = Omit<HostCheck, 'where'>;
const check = (
  about: string,
  verdict: HostCheck['verdict'],
  found: string,
  mend?: string,
): Check => ({ about, verdict, found, ...defined({ mend: verdict === 'ok' ? undefined : mend }) });

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
  if (reached.is === 'reached') return check(about, 'ok', `${libvirtUri} answers`);
  if (reached.is !== 'refused') {
    const { address, port } = libvirtAddress(libvirtUri);
    const knock = port ? await source.network.knock(address, port) : 'accepts';
    return knock === 'accepts'
      ? check(
          about,
          'some',
          `${address} answers; no virsh on ${source.host.name} to try ${libvirtUri}`,
          'apt-get install libvirt-clients',
        )
      : check(
          about,
          'lacks',
          `nobody answers at ${address} port ${String(port)}`,
          `drover hosts add ${name} --uri …`,
        );
  }
  return check(
    about,
    'lacks',
    `${libvirtUri}: ${reached.why}: no live moves`,
    `on ${source.host.name} as root: virsh -c ${libvirtUri} hostname; correct it with drover hosts add ${name} --uri …`,
  );
}

async function memoryCheck(ends: Ends): Promise<Check> {
  const address = migrationAddressOf(ends.target.host);
  return (await isMemoryPathOpen(ends))
    ? check('memory', 'ok', `${address} answers on QEMU’s ports`)
    : check(
        'memory',
        'lacks',
        `${address} is silent on QEMU’s ports (49152 to 49215): no live moves`,
        'open them in its firewall, or give it another --migration-address',
      );
}

async function copyCheck({ source, target }: Ends): Promise<Check> {
  const address = migrationAddressOf(source.host);
  const ports = `ports ${COPY_PORTS.first} to ${COPY_PORTS.last}`;
  return (await target.network.knock(address, COPY_PORTS.first)) === 'silent'
    ? check(
        'copies',
        'lacks',
        `${address} is silent on ${ports}: no cold copies`,
        `open them on ${source.host.name} for ${target.host.name}`,
      )
    : check('copies', 'ok', `${address} answers on ${ports}`);
}

/** Each end trusts what its own authority has signed. */
function authorityCheck(from: SeenHost, to: SeenHost): Check {
  const [here, there] = [from, to].map(({ equipment }) =>
    'is' in equipment ? equipment.is.certificates.authority : undefined,
  );
  if (!here || !there)
    return check(
      'certificates',
      'some',
      'not on both: no live move with --tls',
      'docs/hosts.md, TLS',
    );
  return here === there
    ? check('certificates', 'ok', 'of one authority')
    : check(
        'certificates',
        'some',
        'of two authorities: a live move with --tls fails',
        'give both the same ca-cert.pem',
      );
}

const CLOCKS_APART_MS = 10_000;

function clockCheck(from: SeenHost, to: SeenHost): Check {
  const seconds = Math.round(Math.abs(from.clockAheadMs - to.clockAheadMs) / 1000);
  return seconds * 1000 < CLOCKS_APART_MS
    ? check('clocks', 'ok', 'agree')
    : check(
        'clocks',
        'some',
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
    ? check('versions', 'ok', 'as new or newer')
    : check(
        'versions',
        'some',
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
    const lacks = [...networkObjections(vm, facts, name), ...present([machine])];
    return lacks.map((text) => `${vm.name}: ${text}`);
  });
  if (why.length === 0)
    return [check('guests', 'ok', `networks and machine types of ${vms.length} are there`)];
  return why.map((text) => check('guests', 'some', text, 'the guest stays, or the host gets it'));
}
