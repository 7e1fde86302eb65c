/** Reads `<domain>` into drover's record of a VM. */
import type { Element } from '@xmldom/xmldom';
import { CodedError } from '../../../model/errors.js';
import { Vm } from '../../../model/vm.js';
import { all, attributeOf, first, parseXml, rootOf, serialize, textOf } from './document.js';

/** Namespace of drover's own metadata in a domain: project, anti-affinity group, addresses and security groups. */
export const DROVER_NAMESPACE = 'https://drover.dev/xmlns/vm/1';

/** What the XML states of a VM; host and state are the caller's to add. */
export type DomainFacts = Omit<Vm, 'host' | 'state' | 'isAutostart'>;

const UNITS: Record<string, number> = {
  b: 1,
  bytes: 1,
  KiB: 1024,
  k: 1024,
  MiB: 1024 ** 2,
  M: 1024 ** 2,
  GiB: 1024 ** 3,
  G: 1024 ** 3,
  TiB: 1024 ** 4,
};

/**
 * Parses a domain's XML.
 * @throws BAD_ANSWER if it cannot be read; DEFINITION_UNSUPPORTED if it holds what drover cannot move.
 */
export function parseDomain(text: string): DomainFacts {
  const root = rootOf(parseXml(text, 'domain'));
  const metadata = all(root, 'metadata/vm').find(
    (element) => element.namespaceURI === DROVER_NAMESPACE,
  );
  const memory = first(root, 'memory');
  const parsed = Vm.omit({ host: true, state: true, isAutostart: true }).safeParse({
    uuid: textOf(root, 'uuid'),
    name: textOf(root, 'name'),
    project: (metadata && textOf(metadata, 'project')) || 'default',
    antiAffinity: (metadata && textOf(metadata, 'antiAffinity')) || undefined,
    memoryBytes:
      Number(textOf(root, 'memory')) * (UNITS[memory?.getAttribute('unit') ?? 'KiB'] ?? NaN),
    vcpus: Number(textOf(root, 'vcpu')),
    arch: attributeOf(root, 'os/type', 'arch'),
    machine: attributeOf(root, 'os/type', 'machine'),
    virtType: root.getAttribute('type'),
    emulator: textOf(root, 'devices/emulator'),
    cpuXml: cpuOf(root),
    bootFiles: ['os/kernel', 'os/initrd', 'os/dtb', 'os/loader']
      .map((path) => textOf(root, path))
      .filter(Boolean),
    nvram: textOf(root, 'os/nvram') || undefined,
    pinnedDevices: pinnedDevicesOf(root),
    disks: all(root, 'devices/disk').flatMap(diskOf),
    ports: all(root, 'devices/interface').map((element) => portOf(element, metadata)),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CodedError(
    'DEFINITION_UNSUPPORTED',
    `the domain ${textOf(root, 'name')} has something that drover cannot move: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    { hint: 'docs/hosts.md lists what is supported.' },
  );
}

/** The CPU as the guest sees it, without the host's own choice of how to emulate it. */
function cpuOf(root: Element): string {
  const cpu = first(root, 'cpu');
  return cpu ? serialize(cpu) : '';
}

/** Devices that exist on one host only. */
function pinnedDevicesOf(root: Element): string[] {
  const hostdevs = all(root, 'devices/hostdev').map(
    (d) => `${d.getAttribute('type') ?? 'host'} device`,
  );
  const nvdimm = all(root, 'devices/memory')
    .filter((m) => m.getAttribute('model') === 'nvdimm')
    .map(() => 'nvdimm memory');
  const filesystems = all(root, 'devices/filesystem').map(() => 'shared filesystem');
  const direct = all(root, 'devices/interface')
    .filter((i) => i.getAttribute('type') === 'hostdev')
    .map(() => 'passed-through network interface');
  return [...hostdevs, ...nvdimm, ...filesystems, ...direct];
}

/** An empty CD drive has no source, and nothing to move. */
function diskOf(element: Element): unknown[] {
  const source = first(element, 'source');
  if (!source) return [];
  const kind = element.getAttribute('type');
  return [
    {
      device: attributeOf(element, 'target', 'dev'),
      format: attributeOf(element, 'driver', 'type') ?? 'raw',
      isReadOnly: first(element, 'readonly') !== undefined,
      source: {
        kind,
        path: source.getAttribute(kind === 'block' ? 'dev' : 'file') ?? undefined,
        protocol: source.getAttribute('protocol') ?? undefined,
        name: source.getAttribute('name') ?? undefined,
        hosts: all(source, 'host').map((host) => ({
          name: host.getAttribute('name'),
          port: Number(host.getAttribute('port') ?? 3260),
        })),
      },
    },
  ];
}

function portOf(element: Element, metadata: Element | undefined): unknown {
  const mac = attributeOf(element, 'mac', 'address')?.toLowerCase();
  const extra =
    metadata &&
    all(metadata, 'port').find((port) => port.getAttribute('mac')?.toLowerCase() === mac);
  return {
    mac,
    bridge: attributeOf(element, 'source', 'bridge'),
    tap: attributeOf(element, 'target', 'dev') ?? 'none',
    ip: extra?.getAttribute('ip') ?? undefined,
    groups: (extra?.getAttribute('groups') ?? '').split(/[ ,]+/).filter(Boolean),
  };
}
