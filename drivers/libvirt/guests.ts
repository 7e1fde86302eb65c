/** Which domains a libvirtd has, and in what state: of all of them in two calls, since each call more waits for the network. */
import type { StateReason } from '../../model/side.js';
import { VmName, VmUuid } from '../../model/ids.js';
import { GuestState } from '../../model/vm.js';
import type { GuestOnHost } from '../interfaces/hypervisor/facts.js';
import { readDomain, uuidText, writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';
import { isTrial } from './trial.js';

const STATES = GuestState.options;
/** VIR_DOMAIN_STATS_STATE: takes no job, so that a domain that is busy or hangs holds up nobody. */
const STATS_STATE = 1;
/** virConnectListAllDomainsFlags. */
const PERSISTENT = 4;

/** virDomainRunningReason and virDomainPausedReason (libvirt-domain.h): the ones that a migration sets, and a disk that fails. */
const REASONS: Partial<Record<GuestState, Readonly<Record<number, StateReason>>>> = {
  running: { 10: 'postcopy', 11: 'postcopyFailed' },
  paused: { 2: 'migration', 5: 'ioError', 12: 'postcopy', 13: 'postcopyFailed' },
};

/** All domains, running or not. */
export async function readGuests(call: LibvirtLink['call']): Promise<GuestOnHost[]> {
  const all = await call(PROC.getAllDomainStats, new XdrWriter().uint(0).uint(STATS_STATE).uint(0));
  const found = all.array(() => [readDomain(all), all.params()] as const);
  const list = await call(PROC.listAllDomains, new XdrWriter().int(1).uint(PERSISTENT));
  const persistent = new Set(list.array(() => uuidText(readDomain(list).uuid)));
  return found
    .filter(([{ name }]) => !isTrial(name))
    .map(([ref, stats]) =>
      guestFrom(ref, {
        state: stats.get('state.state'),
        reason: stats.get('state.reason'),
        isPersistent: persistent.has(uuidText(ref.uuid)),
      }),
    );
}

/** One domain. @throws LIBVIRT_FAILED if it is not there any more */
export async function readGuest(call: LibvirtLink['call'], ref: DomainRef): Promise<GuestOnHost> {
  const [state, persistent] = await Promise.all([
    call(PROC.domainGetState, writeDomain(new XdrWriter(), ref).uint(0)),
    call(PROC.domainIsPersistent, writeDomain(new XdrWriter(), ref)),
  ]);
  return guestFrom(ref, {
    state: state.int(),
    reason: state.int(),
    isPersistent: persistent.int() !== 0,
  });
}

function guestFrom(
  { name, uuid }: DomainRef,
  told: { readonly state: unknown; readonly reason: unknown; readonly isPersistent: boolean },
): GuestOnHost {
  const state = STATES[Number(told.state)] ?? 'nostate';
  return {
    uuid: VmUuid.parse(uuidText(uuid)),
    name: VmName.parse(name),
    state,
    reason: REASONS[state]?.[Number(told.reason)] ?? 'other',
    isPersistent: told.isPersistent,
  };
}
