/** The migration's mark in a domain's metadata (virDomainSetMetadata, virDomainGetMetadata). */
import type { Hypervisor, MigrationMark } from '../hypervisor.js';
import { MigrationId } from '../../model/ids.js';
import type { VmUuid } from '../../model/ids.js';
import { isActive } from '../../model/vm.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import { writeDomain, type DomainRef } from './domain-ref.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const NAMESPACE = 'https://drover.dev/xmlns/migration/1';
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
  { call, refOf }: MarkCalls,
  uuid: VmUuid,
): Promise<{ readonly mark?: MigrationMark } | undefined> {
  try {
    const body = writeDomain(new XdrWriter(), await refOf(uuid)).int(ELEMENT);
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
  return id && epoch ? { mark: { migrationId: MigrationId.parse(id), epoch: Number(epoch) } } : {};
}

/** Without a domain there is nothing to mark. */
export async function writeMark(
  calls: MarkCalls,
  uuid: VmUuid,
  mark: MigrationMark | undefined,
): Promise<void> {
  const guest = await calls.find(uuid);
  if (!guest) return;
  const text = mark && `<migration id='${mark.migrationId}' epoch='${mark.epoch}'/>`;
  const flags = (isActive(guest.state) ? LIVE : 0) | (guest.isPersistent ? CONFIG : 0);
  const body = writeDomain(new XdrWriter(), await calls.refOf(uuid))
    .int(ELEMENT)
    .optionalString(text);
  await calls.call(
    PROC.domainSetMetadata,
    body.optionalString(KEY).optionalString(NAMESPACE).uint(flags),
  );
}
