/** The migration's mark in a domain's metadata (virDomainSetMetadata, virDomainGetMetadata). */
import { MARK_NAMESPACE as NAMESPACE } from '../../guest/xml/portions.js';
import type { Hypervisor } from '../interfaces/hypervisor/hypervisor.js';
import type { MigrationMark } from '../interfaces/hypervisor/marks.js';
import { MigrationId } from '../../model/ids.js';
import type { VmUuid } from '../../model/ids.js';
import { CodedError } from '../../model/errors.js';
import { isActive } from '../../model/vm.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import { uuidBytes, writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const KEY = 'drover-migration';
/** VIR_DOMAIN_METADATA_ELEMENT. */
const ELEMENT = 2;
/** virDomainModificationImpact. */
const [LIVE, CONFIG] = [1, 2];

/** What the calls need of the hypervisor. */
export interface MarkCalls {
  readonly call: LibvirtLink['call'];
  refOf(uuid: VmUuid): Promise<DomainRef>;
  find: Hypervisor['find'];
}

/** The mark of a domain; `undefined` without a domain. */
export async function readMark(
  { call }: Pick<MarkCalls, 'call'>,
  uuid: VmUuid,
): Promise<{ readonly mark?: MigrationMark } | undefined> {
  try {
    // libvirtd finds a domain by its UUID alone, and this is asked before every step: no look-up first.
    const ref = { name: uuid, uuid: uuidBytes(uuid), id: -1 };
    const body = writeDomain(new XdrWriter(), ref).int(ELEMENT);
    const answer = await call(PROC.domainGetMetadata, body.optionalString(NAMESPACE).uint(0));
    return markOf(answer.string());
  } catch (error) {
    if (isLibvirtError(error, VIR_ERR.noDomain)) return undefined;
    if (isLibvirtError(error, VIR_ERR.noMetadata)) return {};
    throw error;
  }
}

function markOf(xml: string): { readonly mark?: MigrationMark } {
  const [, id] = /\sid=['"]([^'"]+)['"]/.exec(xml) ?? [];
  const [, epoch] = /\sepoch=['"](\d+)['"]/.exec(xml) ?? [];
  if (!id || !epoch) return {};
  const { data: migrationId } = MigrationId.safeParse(id);
  if (migrationId) return { mark: { migrationId, epoch: Number(epoch) } };
  throw new CodedError(
    'BAD_ANSWER',
    `a domain has a mark that drover did not write: ${JSON.stringify(id)}`,
    {
      hint: `Look at its metadata: virsh metadata DOMAIN ${NAMESPACE}`,
    },
  );
}

/**
 * Without a domain there is nothing to mark. A running domain keeps a later mark with its state only, which costs no write
 * to a disk; the first one, and its end, are in its definition too: a guest that dies is still this migration's.
 */
export async function writeMark(
  calls: MarkCalls,
  uuid: VmUuid,
  mark: MigrationMark | undefined,
): Promise<void> {
  const [guest, before] = await Promise.all([calls.find(uuid), readMark(calls, uuid)]);
  if (!guest) return;
  const isOn = isActive(guest.state);
  const isLater = mark !== undefined && before?.mark?.migrationId === mark.migrationId;
  const inDefinition = guest.isPersistent && !(isOn && isLater);
  const text = mark && `<migration id='${mark.migrationId}' epoch='${mark.epoch}'/>`;
  const body = writeDomain(new XdrWriter(), await calls.refOf(uuid))
    .int(ELEMENT)
    .optionalString(text)
    .optionalString(KEY)
    .optionalString(NAMESPACE);
  await calls.call(
    PROC.domainSetMetadata,
    body.uint((isOn ? LIVE : 0) | (inDefinition ? CONFIG : 0)),
  );
}
