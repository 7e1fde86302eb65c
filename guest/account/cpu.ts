/** Rows: processors, their features, and what ties them to those of one host. */
import type { Element } from '@xmldom/xmldom';
import { bytesOf } from '../xml/sizes.js';
import { dropped, leftOut, needed, refused, removed, travels } from './fate.js';
import { below, rows, rowsWhere, type Row } from './rows.js';

/** The highest CPU of a cpuset like `0-3,^2,7`; -1 if there is none. */
const highestOf = (cpuset: string | null): number =>
  Math.max(
    -1,
    ...(cpuset ?? '')
      .split(/[,-]/)
      .map((part) => Number.parseInt(part.replace('^', ''), 10))
      .filter(Number.isFinite),
  );

const pinned = dropped(
  'where it names CPUs that the target does not have',
  (pin, { targetCpus }) => {
    if (highestOf(pin.getAttribute('cpuset')) < targetCpus) return [];
    pin.parentNode?.removeChild(pin);
    const name = `${pin.localName ?? ''} ${pin.getAttribute('vcpu') ?? ''}`.trim();
    return [`${name} dropped: the target has ${targetCpus} CPUs`];
  },
);

const placed = dropped(
  'its cpuset, where the target does not have these CPUs',
  (vcpu, { targetCpus }) => {
    if (highestOf(vcpu.getAttribute('cpuset')) < targetCpus) return [];
    vcpu.removeAttribute('cpuset');
    return [`vcpu cpuset dropped: the target has ${targetCpus} CPUs`];
  },
);

const number = (element: Element, name: string): number => Number(element.getAttribute(name)) || 0;

const cacheShare = needed('a share of that size to give of the same cache (resctrl)', (cache) => [
  {
    kind: 'cache',
    id: number(cache, 'id'),
    level: number(cache, 'level'),
    type: cache.getAttribute('type') ?? 'both',
    sizeBytes: bytesOf(cache.getAttribute('size'), cache.getAttribute('unit')) || 0,
  },
]);
const bandwidthShare = needed('that share to give of the node’s memory bandwidth', (node) => [
  { kind: 'bandwidth', id: number(node, 'id'), share: number(node, 'bandwidth') },
]);
const monitored = (of: 'cache' | 'bandwidth') =>
  needed(`a monitor of its ${of} (resctrl)`, () => [{ kind: 'monitor', of }]);

const HYPERV =
  'hyperv(relaxed vapic spinlocks vpindex runtime synic stimer(direct) reset vendor_id frequencies reenlightenment tlbflush(direct extended) ipi avic evmcs emsr_bitmap xmm_input)';
const OF_CONTAINERS =
  'audit_control audit_write block_suspend chown dac_override dac_read_search fowner fsetid ipc_lock ipc_owner kill lease linux_immutable mac_admin mac_override mknod net_admin net_bind_service net_broadcast net_raw setfcap setgid setpcap setuid sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog wake_alarm';

/** Features of the machine. */
const FEATURES: readonly Row[] = below('features', [
  ...rows(HYPERV, travels),
  ...rows('kvm(hidden hint-dedicated poll-control pv-ipi dirty-ring) tcg(tb-cache)', travels),
  ...rows('xen(e820_host passthrough) smm(tseg) hpt(maxpagesize)', travels),
  ...rows(
    'acpi aia apic async-teardown ccf-assist cfpc gic hap htm ibs ioapic msrs nested-hv pae pmu ps2 pvspinlock ras sbbc viridian vmcoreinfo vmport',
    travels,
  ),
  ...rows(
    `privnet capabilities(${OF_CONTAINERS})`,
    refused('belongs to containers', 'take it out of the definition (virsh edit)'),
  ),
]);

/** Processors. Whether the target's can be the guest's is asked of its hypervisor (`compareHypervisorCPU`). */
export const CPU: readonly Row[] = [
  ...rows('vcpu', travels),
  ...rowsWhere(
    'vcpu',
    { words: 'with a cpuset', holds: (vcpu) => vcpu.hasAttribute('cpuset') },
    placed,
  ),
  ...rows('vcpus(vcpu) iothreads iothreadids(iothread(poll)) defaultiothread', travels),
  ...rows(
    'cpu(model vendor topology cache maxphysaddr feature numa(cell(distances(sibling) cache(size line)) interconnects(latency bandwidth)))',
    travels,
  ),
  ...rows('cputune', travels),
  ...below('cputune', [
    ...rows('vcpupin emulatorpin iothreadpin', pinned),
    ...rows('vcpusched iothreadsched emulatorsched shares', travels),
    ...rows('period quota global_period global_quota emulator_period emulator_quota', travels),
    ...rows('iothread_period iothread_quota', travels),
    ...rows('cachetune memorytune', travels),
    ...rows('cachetune/cache', cacheShare),
    ...rows('cachetune/monitor', monitored('cache')),
    ...rows('memorytune/node', bandwidthShare),
    ...rows('memorytune/monitor', monitored('bandwidth')),
  ]),
  ...rows(
    'numatune',
    removed('the source’s NUMA nodes mean nothing on the target', () => [
      'numatune dropped: the source’s NUMA nodes mean nothing on the target',
    ]),
  ),
  ...rows('numatune/memory numatune/memnode', leftOut),
  ...rows('features', travels),
  ...FEATURES,
];
