/** What drover needs of one host, thing by thing, from what was seen there. */
import type { Certificates, Equipment } from '../../drivers/interfaces/surroundings.js';
import type { CodedError } from '../../model/errors.js';
import type { HostCheck } from '../../model/host-check.js';
import type { Host } from '../../model/host.js';
import type { HostFacts } from '../../model/host-facts.js';
import { versionText } from './facts.js';
import { migrationAddressOf } from '../../model/host-address.js';
import { COMMANDS, type SeenHost } from './seen.js';
import { lacks, ok, some, type Check } from './verdicts.js';

/** All of one host; what could not be looked at says so once. */
export function hostChecks({ drivers: { host }, equipment, facts }: SeenHost): HostCheck[] {
  const ofHost =
    'is' in equipment ? equipmentChecks(host, equipment.is) : [notSeen('ssh', equipment.why)];
  const ofLibvirt = 'is' in facts ? libvirtChecks(facts.is) : [notSeen('libvirt', facts.why)];
  return [...ofHost, ...ofLibvirt].map((check) => ({ where: host.name, ...check }));
}

const notSeen = (about: string, { message, hint }: CodedError): Check =>
  lacks(about, message, hint);

function equipmentChecks(host: Host, seen: Equipment): Check[] {
  return [
    ok('ssh', `${host.ssh.user}@${host.ssh.address} runs drover’s commands`),
    ...commandChecks(seen),
    seen.hasBridgeRules
      ? ok('nftables', 'takes rules for bridges')
      : lacks('nftables', 'the kernel takes no rules for bridges', 'modprobe nf_tables_bridge'),
    seen.hasKvm
      ? ok('KVM', '/dev/kvm is there')
      : some(
          'KVM',
          'no /dev/kvm: guests of type kvm do not start here',
          'modprobe kvm_intel (or kvm_amd); virtualisation on in the firmware',
        ),
    ...(host.storage ?? []).map((folder) =>
      seen.folders.includes(folder)
        ? ok('storage', folder)
        : lacks(
            'storage',
            `${folder} is no folder here`,
            `mount it, or drover hosts add ${host.name} --storage …`,
          ),
    ),
    certificateCheck(host, seen.certificates),
  ];
}

function commandChecks({ commands }: Equipment): Check[] {
  const missing = Object.entries(COMMANDS).filter(([name]) => !commands.includes(name));
  const needed = missing.filter(([, { onlyFor }]) => onlyFor === undefined);
  const rest = missing.filter(([, { onlyFor }]) => onlyFor !== undefined);
  const lacking = needed.map(([name, from]) =>
    lacks('commands', `${name} is missing`, installs(from)),
  );
  const less = rest.map(([name, from]) =>
    some('commands', `no ${name}, which is for ${from.onlyFor ?? ''}`, installs(from)),
  );
  return lacking.length > 0 ? [...lacking, ...less] : [ok('commands', 'all are there'), ...less];
}

const installs = ({ debian, fedora }: (typeof COMMANDS)[string]): string =>
  `apt-get install ${debian}, or dnf install ${fedora}`;

/** `--tls`, and hosts or projects whose policy requires encryption, need them on both ends. */
function certificateCheck(host: Host, certificates: Certificates): Check {
  const { folder, files, asksClients, isEnding, isForAnother } = certificates;
  const wanted = ['ca-cert.pem', 'server-cert.pem', 'server-key.pem'].concat(
    asksClients ? ['client-cert.pem', 'client-key.pem'] : [],
  );
  const missing = wanted.filter((name) => !files.includes(name));
  const address = migrationAddressOf(host);
  const about = 'certificates';
  if (missing.length > 0)
    return some(
      about,
      `${folder} lacks ${missing.join(', ')}: no live move with --tls to or from here`,
      'docs/hosts.md, TLS, says what goes where',
    );
  if (isEnding)
    return some(about, `${folder}/server-cert.pem has ended, or does so in a week`, 'renew it');
  if (isForAnother)
    return some(
      about,
      `${folder}/server-cert.pem is not for ${address}, where this host takes memory`,
      'issue it for that address, or drover hosts add with --migration-address',
    );
  return ok(about, `${folder} has them, for ${address}`);
}

/** Nothing older was tried. */
const TRIED = { libvirt: 9_000_000, qemu: 7_002_000 };

function libvirtChecks({ libvirtVersion, qemuVersion, bridges, networks }: HostFacts): Check[] {
  const versions = `libvirt ${versionText(libvirtVersion)}, QEMU ${versionText(qemuVersion)}`;
  const isTried = libvirtVersion >= TRIED.libvirt && qemuVersion >= TRIED.qemu;
  const active = networks.filter(({ isActive }) => isActive).map(({ name }) => name);
  const attached = [...bridges, ...active.map((name) => `network ${name}`)];
  return [
    isTried
      ? ok('libvirt', versions)
      : some(
          'libvirt',
          `${versions}: drover was tried with 9.0 and 7.2 and later`,
          'try it with a guest that may be lost',
        ),
    attached.length > 0
      ? ok('networks', attached.join(', '))
      : some(
          'networks',
          'no bridge and no active network: no guest with an interface comes here',
          'ip link add br0 type bridge, or virsh net-start NAME',
        ),
  ];
}
