/** How a domain is asked: by its UUID, with the answers that are no failures. */
import type { VmUuid } from '../../model/ids.js';
import { readDomain, uuidBytes, writeDomain, type DomainRef } from './domain-ref.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter, type XdrReader } from './rpc/xdr.js';

/** Calls to one host's libvirtd. */
export interface Calls {
  readonly call: LibvirtLink['call'];
  refOf(uuid: VmUuid): Promise<DomainRef>;
  /** A procedure whose first argument is a domain. */
  onDomain(
    procedure: number,
    uuid: VmUuid,
    add?: (body: XdrWriter) => XdrWriter,
  ): Promise<XdrReader>;
  /** A change that libvirt calls invalid when it has nothing to change. */
  orThereAlready(procedure: number, uuid: VmUuid, flags?: number): Promise<void>;
}

/** The calls of one link. */
export function callsOf({ call }: LibvirtLink): Calls {
  const refOf = async (uuid: VmUuid): Promise<DomainRef> =>
    readDomain(await call(PROC.domainLookupByUuid, new XdrWriter().fixed(uuidBytes(uuid))));
  const onDomain: Calls['onDomain'] = async (procedure, uuid, add = (body) => body) =>
    call(procedure, add(writeDomain(new XdrWriter(), await refOf(uuid))));
  return {
    call,
    refOf,
    onDomain,
    orThereAlready: (procedure, uuid, flags) =>
      orWhen(
        VIR_ERR.operationInvalid,
        done(onDomain(procedure, uuid, (body) => (flags === undefined ? body : body.uint(flags)))),
        undefined,
      ),
  };
}

/** The answer, or the fallback where libvirt fails with that code. */
export const orWhen = async <T>(code: number, work: Promise<T>, fallback: T): Promise<T> =>
  work.catch((error: unknown) => {
    if (isLibvirtError(error, code)) return fallback;
    throw error;
  });

/** That it was done, without the answer. */
export const done = async (work: Promise<unknown>): Promise<void> => {
  await work;
};
