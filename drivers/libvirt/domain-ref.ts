/** A domain as libvirt's protocol names it: remote_nonnull_domain. */
import type { VmUuid } from '../../model/ids.js';
import type { XdrReader, XdrWriter } from './rpc/xdr.js';

/** Name, UUID and the id of the running instance (-1 if it does not run). */
export interface DomainRef {
  readonly name: string;
  readonly uuid: Buffer;
  readonly id: number;
}

/** Reads one. */
export const readDomain = (reader: XdrReader): DomainRef => ({
  name: reader.string(),
  uuid: reader.fixed(16),
  id: reader.int(),
});

/** Writes one. */
export const writeDomain = (body: XdrWriter, { name, uuid, id }: DomainRef): XdrWriter =>
  body.string(name).fixed(uuid).int(id);

/** A UUID's 16 bytes. */
export const uuidBytes = (uuid: VmUuid): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** A UUID in libvirt's spelling. */
export const uuidText = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
