/** What a host cannot share out to a guest of its caches and its memory bandwidth: libvirt would refuse to start it there. */
import type { Allotments } from '../../drivers/interfaces/hypervisor/facts.js';
import type { Need } from '../../model/need.js';

const WAY_OUT = 'take cachetune and memorytune out of its cputune (virsh edit)';
const MIB = 1024 ** 2;

const noShareOf = (what: string): string =>
  `it has no share of ${what} to give: mount resctrl there, if its CPU can do that, and restart libvirtd; or ${WAY_OUT}`;

/** As virresctrl.c checks it: a bank that can be shared out by that type, at least the least, in whole steps. */
export function lacksCache(
  { id, level, type, sizeBytes }: Extract<Need, { kind: 'cache' }>,
  { cache }: Allotments,
): string | undefined {
  const what = `L${level} cache ${id}`;
  const bank = cache.find((one) => one.id === id && one.level === level && one.type === type);
  if (!bank) return noShareOf(`its ${what} (${type})`);
  const { stepBytes, leastBytes, sizeBytes: mostBytes } = bank;
  const isFitting =
    sizeBytes >= leastBytes && sizeBytes <= mostBytes && sizeBytes % stepBytes === 0;
  return isFitting
    ? undefined
    : `its ${what} is given in steps of ${stepBytes / MIB} MiB, at least ${leastBytes / MIB} MiB and at most ${mostBytes / MIB} MiB, and the guest has ${sizeBytes / MIB} MiB: give it another share (virsh edit)`;
}

/** The same of bandwidth; how much is there is not told. */
export function lacksBandwidth(
  { id, share }: Extract<Need, { kind: 'bandwidth' }>,
  { bandwidth }: Allotments,
): string | undefined {
  const node = bandwidth.find((one) => one.id === id);
  if (!node) return noShareOf(`the memory bandwidth of node ${id}`);
  return share >= node.least && share % node.step === 0
    ? undefined
    : `its memory bandwidth of node ${id} is given in steps of ${node.step}, at least ${node.least}, and the guest has ${share}: give it another share (virsh edit)`;
}
