/** `guest.powerOff` and its undo. */
import type { HostDrivers } from '../../drivers/interfaces/data-centre.js';
import { CodedError } from '../../model/errors.js';
import type { VmUuid } from '../../model/ids.js';
import { powerOf } from '../../model/vm.js';
import { powerOff } from '../../workflows/steps/guest.js';
import { endsOf, implement, type StepContext } from '../kit/implement.js';
import { requireMark } from '../kit/fence.js';
import { relistOnSource } from '../disks/pools.js';
import { isOn, refuseIfOnTarget } from './location.js';
import { requireNotElsewhere } from './others.js';
import { requireUnopened } from './unopened.js';
import { readVm } from '../vm/read.js';
import { until } from '../kit/until.js';

const POLL_MS = 200;
/** A guest may miss the first request, for example while it boots. */
const ASK_AGAIN_MS = 10_000;

/** Turns autostart off first: a reboot of the source must not start a guest that is being moved. */
export const powerOffActivity = implement(powerOff, (deps) => ({
  async run({ route, isAutostart, shutdownSeconds }, context) {
    const { source } = await endsOf(deps, route);
    const { hypervisor } = source;
    if (!(await hypervisor.find(route.uuid)))
      throw new CodedError('GUEST_MOVED', `${route.name} is no longer on ${route.source}`, {
        hint: 'Run `drover discover`.',
      });
    if (isAutostart) await hypervisor.setAutostart(route.uuid, false);
    if (!(await isOn(source, route))) return { how: 'was off' as const };
    const limit = { everyMs: POLL_MS, forMs: shutdownSeconds * 1000 };
    let askedAtMs = -ASK_AGAIN_MS;
    const seen = await until(context, limit, async () => {
      if (context.signal.aborted) return 'to stop';
      if (!(await isOn(source, route))) return 'off';
      if (context.nowMs() - askedAtMs < ASK_AGAIN_MS) return undefined;
      askedAtMs = context.nowMs();
      await requireMark(source, route);
      await hypervisor.shutdown(route.uuid);
      return undefined;
    });
    if (seen === 'to stop') return context.cancelled();
    if (seen === 'off') return { how: 'shut down' as const };
    // A worker that stood still for long wakes here: by now the guest may have been given back, and runs for good.
    if (context.signal.aborted) return context.cancelled();
    await requireMark(source, route);
    await hypervisor.destroy(route.uuid);
    if (await isOn(source, route))
      throw new CodedError('GUEST_NOT_OFF', `${route.name} is still on after it was destroyed`, {
        hint: `Read the log of its QEMU on ${route.source}.`,
      });
    return { how: 'destroyed' as const };
  },
  async undo({ route, power, isAutostart }, context) {
    const { source, target } = await endsOf(deps, route);
    await refuseIfOnTarget(target, route);
    if (isAutostart) await source.hypervisor.setAutostart(route.uuid, true);
    if (power === 'off') return;
    await requireNotElsewhere(deps, route);
    if (!(await isOn(source, route))) await startHere(deps, context, source, route.uuid);
    if (power === 'running') await source.hypervisor.resume(route.uuid);
    const guest = await source.hypervisor.find(route.uuid);
    const wanted = power === 'running' ? ['running', 'blocked'] : ['paused'];
    if (guest && wanted.includes(guest.state)) return;
    throw new CodedError(
      'UNDO_UNVERIFIED',
      `${route.name} is ${guest?.state ?? 'absent'} on ${route.source}, not ${power}`,
      { hint: `Start it on ${route.source} by hand: virsh start ${route.name}` },
    );
  },
  describe: ({ route, vm, cold }) =>
    powerOf(vm.state) === 'off' || !cold
      ? []
      : [
          `virDomainShutdownFlags on ${route.source}; virDomainDestroyFlags after ${cold.shutdownSeconds} s`,
        ],
}));

/** Somebody may have looked into its pools while the files were set aside. Starts the guest paused, so that its new taps get their rules before a packet flows. */
async function startHere(
  { inventory }: Parameters<typeof endsOf>[0],
  context: StepContext,
  host: HostDrivers,
  uuid: VmUuid,
): Promise<void> {
  const off = await host.hypervisor.find(uuid);
  if (!off) return;
  const { name, disks } = (await readVm(host, off)).vm;
  await requireUnopened(context, host, name, disks);
  await relistOnSource(host, disks);
  await host.hypervisor.start(uuid, { isPaused: true });
  const guest = await host.hypervisor.find(uuid);
  if (!guest) return;
  const { ports } = (await readVm(host, guest)).vm;
  const guarded = ports.filter(({ groups }) => groups.length > 0);
  await host.network.bind(guarded, await inventory.groups());
  await host.network.activate(guarded);
}
