/** Reads `<domain>` into drover's record of a VM. What drover does not know becomes an objection, never an exception. */
import type { Element } from '@xmldom/xmldom';
import { objection } from '../../model/objection.js';
import { GIVEN_NAME, HostPath } from '../../model/ids.js';
import { Vm } from '../../model/vm.js';
import { all, attributeOf, first, parseXml, rootOf, serialize, textOf } from './document.js';
import { readDisk, type PoolFolder } from './disks.js';
import { readPort } from './ports.js';
import { collected, type Part } from './reading.js';
import { bytesOf } from './sizes.js';
import { badXml } from './survey.js';
import { accountOf } from '../account/account.js';
import { needsIn, objectionsIn } from '../objections.js';
import { partsOf } from '../parts.js';

/** Namespace of drover's own metadata in a domain: project, anti-affinity group, addresses and security groups. */
export const DROVER_NAMESPACE = 'https://drover.dev/xmlns/vm/1';

/** What the XML states of a VM; host and state are the caller's to add. */
export type DomainFacts = Omit<Vm, 'host' | 'state' | 'isAutostart'>;

/** What every domain has; a text without it is not libvirt's. */
const Identity = Vm.pick({ uuid: true, name: true, memoryBytes: true, vcpus: true });

/**
 * Parses a domain's XML.
 * @param pools of its host: they say which files the volumes are that it names
 * @throws BAD_ANSWER if it is no domain of libvirt's; everything else that is strange is an objection of the VM
 */
export function parseDomain(text: string, pools: readonly PoolFolder[] = []): DomainFacts {
  const root = rootOf(parseXml(text, 'domain'));
  const metadata = all(root, 'metadata/vm').find(
    (element) => element.namespaceURI === DROVER_NAMESPACE,
  );
  const { data: identity, error } = Identity.safeParse({
    uuid: textOf(root, 'uuid'),
    name: first(root, 'name')?.textContent,
    memoryBytes: memoryOf(root),
    vcpus: Number(textOf(root, 'vcpu')),
  });
  if (!identity) throw badXml(`no ${error.issues[0]?.path.join('.') ?? ''} of a domain`);
  const account = accountOf(root);
  const disks = collected(all(root, 'devices/disk').map((e) => readDisk(e, pools)));
  const ports = collected(all(root, 'devices/interface').map((e) => readPort(e, metadata)));
  const antiAffinity = named(metadata, 'antiAffinity');
  const project = named(metadata, 'project');
  return {
    ...identity,
    project: project.known ?? 'default',
    antiAffinity: antiAffinity.known,
    arch: attributeOf(root, 'os/type', 'arch') ?? '',
    machine: attributeOf(root, 'os/type', 'machine') ?? '',
    virtType: root.getAttribute('type') ?? '',
    cpuXml: cpuOf(root),
    // libvirt fills it in; drover needs it only to compare CPUs.
    emulator: pathOf(textOf(root, 'devices/emulator')) ?? DEFAULT_EMULATOR,
    needs: needsIn(account),
    nvram: pathOf(nvramOf(root)),
    tpm: hasEmulatedTpm(root) ? { stateFolder: tpmFolderOf(identity.uuid, root) } : undefined,
    disks: disks.known,
    ports: ports.known,
    objections: [
      ...objectionsIn(root, account),
      ...disks.objections,
      ...ports.objections,
      ...project.objections,
      ...antiAffinity.objections,
    ],
    parts: partsOf(account),
    // libvirt keeps snapshots beside the definition.
    snapshotFiles: [],
    remarks: [],
  };
}

/**
 * A name from drover's metadata, which others may write: whatever it says, it stays short and harmless (S23). What is no name is
 * never taken for the default one, which may have other rights.
 */
function named(metadata: Element | undefined, what: string): Part<string> {
  const given = metadata ? textOf(metadata, what) : '';
  if (given === '') return { objections: [] };
  if (GIVEN_NAME.test(given)) return { known: given, objections: [] };
  const why = 'is no name: it has 1 to 100 letters, digits, dots, dashes and underscores';
  return {
    known: 'unreadable',
    objections: [objection(`drover:${what}`, why, 'give it another one (virsh metadata)')],
  };
}

function memoryOf(root: Element): number {
  const unit = first(root, 'memory')?.getAttribute('unit') ?? null;
  return Math.floor(bytesOf(textOf(root, 'memory'), unit));
}

/** The CPU as the guest sees it, without the host's own choice of how to emulate it. */
function cpuOf(root: Element): string {
  const cpu = first(root, 'cpu');
  return cpu ? serialize(cpu) : '';
}

const pathOf = (text: string): HostPath | undefined => HostPath.safeParse(text).data;

const nvramOf = (root: Element): string =>
  textOf(root, 'os/nvram') || attributeOf(root, 'os/nvram/source', 'file') || '';

const DEFAULT_EMULATOR = HostPath.parse('/usr/bin/qemu-system-x86_64');

const hasEmulatedTpm = (root: Element): boolean =>
  attributeOf(root, 'devices/tpm/backend', 'type') === 'emulator';

/** libvirt's own place for it (qemu_tpm.c), the same on every host. */
const tpmFolderOf = (uuid: string, root: Element): HostPath =>
  HostPath.parse(
    `/var/lib/libvirt/swtpm/${uuid}/${attributeOf(root, 'devices/tpm/backend', 'version') === '1.2' ? 'tpm1.2' : 'tpm2'}`,
  );
