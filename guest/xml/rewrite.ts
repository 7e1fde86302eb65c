/** The XML rewrites for a target host (references: Nova's get_updated_guest_xml). Guest addresses are never touched. */
import type { Document, Element } from '@xmldom/xmldom';
import { CodedError } from '../../model/errors.js';
import { NVRAM, type Disk, type DiskSource } from '../../model/storage.js';
import { targetTap, type Port } from '../../model/network.js';
import { all, attributeOf, first, parseXml, rootOf, serialize, textOf } from './document.js';

/** What the rewrites need to know of the target. */
export interface RewriteContext {
  readonly ports: readonly Port[];
  /** Those that are somewhere else on the target say where. */
  readonly disks?: readonly Disk[];
  /** How many CPUs the target has: pinning to others is dropped. */
  readonly targetCpus: number;
  /** Where graphics and TCP consoles listen on the target; unchanged if unknown. */
  readonly listenAddress?: string;
}

/** One rewrite: changes the domain in place and says in words what it changed. */
type Rewrite = (root: Element, context: RewriteContext) => string[];

/** What is rewritten. Every row has its own unit test. */
export const REWRITES: Readonly<Record<string, Rewrite>> = {
  disks: (root, { disks = [] }) =>
    disks.flatMap((disk) => {
      const { target, device } = disk;
      if (!target) return [];
      const place = device === NVRAM ? nvramOf(root) : sourceOf(root, device);
      if (!place) return [];
      place(target);
      return [`disk ${device}: ${target.kind === 'network' ? target.name : target.path}`];
    }),

  attachments: (root, { ports }) =>
    all(root, 'devices/interface').flatMap((element) => {
      const mac = attributeOf(element, 'mac', 'address')?.toLowerCase();
      const to = ports.find((candidate) => candidate.mac === mac)?.target;
      if (!mac || !to) return [];
      const source = first(element, 'source') ?? append(element, 'source');
      ['bridge', 'network', 'portid', 'portgroup'].forEach((name) => source.removeAttribute(name));
      element.setAttribute('type', to.network === undefined ? 'bridge' : 'network');
      if (to.network !== undefined) source.setAttribute('network', to.network);
      else if (to.bridge !== undefined) source.setAttribute('bridge', to.bridge);
      return [`interface ${mac}: on ${to.network ?? to.bridge ?? 'nothing'}`];
    }),

  interfaces: (root, { ports }) =>
    all(root, 'devices/interface').flatMap((element) => {
      const mac = attributeOf(element, 'mac', 'address')?.toLowerCase();
      const port = ports.find((candidate) => candidate.mac === mac);
      if (!port) return [];
      const tap = targetTap(port.mac);
      const target = first(element, 'target') ?? append(element, 'target');
      if (target.getAttribute('dev') === tap) return [];
      target.setAttribute('dev', tap);
      return [`interface ${port.mac}: tap ${tap}`];
    }),

  graphics: (root, { listenAddress }) =>
    all(root, 'devices/graphics').flatMap((element) => {
      // The port of the source may be taken on the target.
      const type = element.getAttribute('type') ?? '';
      if (element.getAttribute('autoport') === 'yes')
        ['port', 'tlsPort', 'websocket'].forEach((name) => element.removeAttribute(name));
      if (
        !listenAddress ||
        !element.getAttribute('listen') ||
        isAnyAddress(element.getAttribute('listen'))
      )
        return [];
      element.setAttribute('listen', listenAddress);
      all(element, 'listen').forEach(
        (listen) =>
          listen.getAttribute('type') === 'address' &&
          listen.setAttribute('address', listenAddress),
      );
      return [`graphics ${type}: listens on ${listenAddress}`];
    }),

  consoles: (root, { listenAddress }) =>
    [...all(root, 'devices/serial'), ...all(root, 'devices/console')].flatMap((element) => {
      const source = first(element, 'source');
      const host = source?.getAttribute('host');
      if (element.getAttribute('type') !== 'tcp' || source?.getAttribute('mode') !== 'bind')
        return [];
      if (!listenAddress || isAnyAddress(host) || host === listenAddress) return [];
      source.setAttribute('host', listenAddress);
      return [`${element.localName ?? ''} over TCP: listens on ${listenAddress}`];
    }),
};

/** What is dropped and reported, since it applies to one host only. */
export const DROPS: Readonly<Record<string, Rewrite>> = {
  pinning: (root, { targetCpus }) => {
    const pins = ['vcpupin', 'emulatorpin', 'iothreadpin'].flatMap((name) =>
      all(root, `cputune/${name}`),
    );
    const dropped = pins.filter((pin) => highestOf(pin.getAttribute('cpuset')) >= targetCpus);
    dropped.forEach(remove);
    const vcpu = first(root, 'vcpu');
    const isOut = vcpu && highestOf(vcpu.getAttribute('cpuset')) >= targetCpus;
    if (isOut) vcpu.removeAttribute('cpuset');
    const changes = dropped.map(
      (pin) =>
        `${pin.localName ?? ''} ${pin.getAttribute('vcpu') ?? ''} dropped: the target has ${targetCpus} CPUs`,
    );
    return isOut ? [...changes, `vcpu cpuset dropped: the target has ${targetCpus} CPUs`] : changes;
  },

  numa: (root) => {
    const tune = first(root, 'numatune');
    if (!tune) return [];
    remove(tune);
    return ['numatune dropped: the source’s NUMA nodes mean nothing on the target'];
  },

  perf: (root) => {
    const perf = first(root, 'perf');
    if (!perf) return [];
    remove(perf);
    return ['perf events dropped: the target may not have them'];
  },

  partition: (root) => {
    const resource = first(root, 'resource');
    if (!resource) return [];
    const partition = textOf(resource, 'partition');
    remove(resource); // libvirt fills in the target's own default.
    return partition === '' || partition === '/machine'
      ? []
      : [`resource partition ${partition} dropped: the target’s default takes its place`];
  },
};

/**
 * Rewrites a domain's XML for the target.
 * @returns the XML, and in words what was changed and what was dropped.
 * @throws DEFINITION_UNSUPPORTED for a device that has no counterpart on the target.
 */
export function rewriteForTarget(
  xml: string,
  context: RewriteContext,
): { xml: string; changes: string[]; dropped: string[] } {
  const document = parseXml(xml, 'domain');
  const root = rootOf(document);
  refuseHostDevices(root);
  const apply = (table: typeof REWRITES) =>
    Object.values(table).flatMap((rewrite) => rewrite(root, context));
  const changes = apply(REWRITES);
  const dropped = apply(DROPS);
  return { xml: serialize(document), changes, dropped };
}

/** What exists on one host only cannot be rewritten. */
function refuseHostDevices(root: Element): void {
  const [device] = [
    ...all(root, 'devices/hostdev'),
    ...all(root, 'devices/memory').filter((m) => m.getAttribute('model') === 'nvdimm'),
  ];
  if (!device) return;
  throw new CodedError(
    'DEFINITION_UNSUPPORTED',
    `a <${device.localName ?? ''}> of this host has no counterpart on the target`,
    {
      hint: 'Detach it first, or migrate cold.',
    },
  );
}

/** What writes another source into a disk of that device, if the domain has it. */
function sourceOf(root: Element, device: string): ((to: DiskSource) => void) | undefined {
  const disk = all(root, 'devices/disk').find(
    (one) => attributeOf(one, 'target', 'dev') === device,
  );
  const source = disk && first(disk, 'source');
  if (!source) return undefined;
  return (to) => {
    if (to.kind === 'file') source.setAttribute('file', to.path);
    if (to.kind === 'block') source.setAttribute('dev', to.path);
    if (to.kind === 'network') source.setAttribute('name', to.name);
    // It would name what lay below on the source; libvirt reads it from the image.
    all(disk, 'backingStore').forEach(remove);
  };
}

/** The same for a UEFI guest's variables. */
function nvramOf(root: Element): ((to: DiskSource) => void) | undefined {
  const nvram = first(root, 'os/nvram');
  if (!nvram) return undefined;
  return (to) => {
    if (to.kind !== 'file') return;
    const source = first(nvram, 'source');
    if (source) source.setAttribute('file', to.path);
    else nvram.textContent = to.path;
  };
}

const isAnyAddress = (address: string | null | undefined): boolean =>
  address == null || address === '0.0.0.0' || address === '::' || address.startsWith('127.');

/** The highest CPU of a cpuset like `0-3,^2,7`; -1 if there is none. */
const highestOf = (cpuset: string | null | undefined): number =>
  Math.max(
    -1,
    ...(cpuset ?? '')
      .split(/[,-]/)
      .map((part) => Number.parseInt(part.replace('^', ''), 10))
      .filter(Number.isFinite),
  );

function append(parent: Element, name: string): Element {
  const child = (parent.ownerDocument as Document).createElement(name);
  parent.appendChild(child);
  return child;
}

const remove = (element: Element): void => void element.parentNode?.removeChild(element);
