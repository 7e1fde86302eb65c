/** Definitions of a host's domains, and what libvirt keeps for them. */
import { Confidential } from '../../model/confidential.js';
import { CodedError } from '../../model/errors.js';
import type { VmUuid } from '../../model/ids.js';
import type { Attached, Definitions } from '../interfaces/hypervisor/definitions.js';
import {
  defineCheckpoints,
  forgetCheckpoints,
  namesOfCheckpoints,
  readCheckpoints,
} from './checkpoints.js';
import { done, orWhen, type Calls } from './calls.js';
import { VIR_ERR } from './errors.js';
import { defineSnapshots, keptOf, readSnapshots } from './kept.js';
import { refreshPool } from './networks.js';
import { forgetTrial, tryOut } from './trial.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

/** virDomainXMLFlags. The migratable view has secrets without being asked; 1 asks for them. */
const XML_FLAG = { live: 0, inactive: 2, migratable: 8, definition: 2 | 1 } as const;
/** virDomainUndefineFlagsValues. */
const UNDEFINE: Readonly<Partial<Record<Attached, number>>> = {
  'managed save': 1,
  snapshots: 2,
  'TPM state': 32,
};
const [KEEP_NVRAM, KEEP_TPM] = [8, 64];

/** The definitions of one host. */
export function definitionsOn(calls: Calls): Definitions {
  const { call, onDomain } = calls;
  const xml = async (uuid: VmUuid, view: keyof typeof XML_FLAG) =>
    (await onDomain(PROC.domainGetXml, uuid, (body) => body.uint(XML_FLAG[view]))).string();
  const define = (text: string) =>
    done(call(PROC.domainDefineXml, new XdrWriter().string(text).uint(0)));
  return {
    xml,
    secretXml: async (uuid, view) => new Confidential(await xml(uuid, view)),
    kept: (uuid) => keptOf(calls, uuid),
    snapshots: (uuid) => readSnapshots(calls, uuid),
    defineSnapshots: (uuid, snapshots) => defineSnapshots(calls, uuid, snapshots),
    checkpoints: (uuid) => readCheckpoints(calls, uuid),
    defineCheckpoints: (uuid, checkpoints) => defineCheckpoints(calls, uuid, checkpoints),
    isAutostart: async (uuid) => (await onDomain(PROC.domainGetAutostart, uuid)).int() !== 0,
    setAutostart: (uuid, isOn) =>
      done(onDomain(PROC.domainSetAutostart, uuid, (body) => body.int(Number(isOn)))),
    define: (text) => define(text.reveal()),
    refreshPool: (name) => refreshPool(call, name),
    tryOut: (text) => tryOut(calls, text.reveal()),
    forgetTrial: (of) => forgetTrial(calls, of),
    redefine: async (uuid, change) => define(change(await xml(uuid, 'definition'))),
    undefine: (uuid, removing) =>
      orWhen(VIR_ERR.noDomain, undefine(calls, uuid, removing), undefined),
  };
}

/**
 * libvirt takes the flag that keeps firmware variables for one that passes over checkpoints without children
 * (qemuDomainUndefineFlags gives its flags to virDomainListCheckpoints), and would lose them: they are handled here.
 */
async function undefine(calls: Calls, uuid: VmUuid, removing: readonly Attached[]): Promise<void> {
  const checkpoints = await namesOfCheckpoints(calls, uuid);
  if (checkpoints.length > 0 && !removing.includes('checkpoints'))
    throw new CodedError('LIBVIRT_FAILED', `${uuid} has checkpoints: ${checkpoints.join(', ')}`, {
      hint: 'Delete them with virsh checkpoint-delete, then retry.',
    });
  await forgetCheckpoints(calls, uuid, checkpoints);
  await calls.onDomain(PROC.domainUndefine, uuid, (body) => body.uint(undefineFlags(removing)));
}

const undefineFlags = (removing: readonly Attached[]): number =>
  removing.reduce(
    (flags, what) => flags | (UNDEFINE[what] ?? 0),
    removing.includes('TPM state') ? KEEP_NVRAM : KEEP_NVRAM | KEEP_TPM,
  );
