/** libvirt's secrets: by its own API, so that a value is in no command line, no file and no history. */
import { defined } from '../../model/defined.js';
import { Confidential } from '../../model/confidential.js';
import { CodedError } from '../../model/errors.js';
import type { MigrationId } from '../../model/ids.js';
import { SECRET_USAGES, type SecretRef } from '../../model/secret.js';
import { parseXml, rootOf, textOf } from '../../guest/xml/document.js';
import { broughtBy, withOwner } from '../../guest/xml/brought-secret.js';
import type { HostSecret, Secrets } from '../interfaces/hypervisor/secrets.js';
import { done, orWhen, type Calls } from './calls.js';
import { VIR_ERR } from './errors.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter, type XdrReader } from './rpc/xdr.js';

/** remote_nonnull_secret. */
interface Ref {
  readonly uuid: Buffer;
  readonly usageType: number;
  readonly usageId: string;
}
const readRef = (reader: XdrReader): Ref => ({
  uuid: reader.fixed(16),
  usageType: reader.int(),
  usageId: reader.string(),
});
const writeRef = ({ uuid, usageType, usageId }: Ref): XdrWriter =>
  new XdrWriter().fixed(uuid).int(usageType).string(usageId);

/** @throws BAD_ANSWER for what is no UUID: shorter bytes would be read as the rest of the call */
function bytesOf(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  if (bytes.length === 16) return bytes;
  throw new CodedError('BAD_ANSWER', `${uuid} is no UUID of a secret`);
}

/** The secrets of one host. */
export function secretsOn({ call }: Pick<Calls, 'call'>): Secrets {
  const lookUp = async ({ usage, by }: SecretRef): Promise<Ref | undefined> => {
    const asked =
      'uuid' in by
        ? call(PROC.secretLookupByUuid, new XdrWriter().fixed(bytesOf(by.uuid)))
        : call(PROC.secretLookupByUsage, new XdrWriter().int(SECRET_USAGES[usage]).string(by.id));
    return orWhen<Ref | undefined>(VIR_ERR.noSecret, asked.then(readRef), undefined);
  };
  const xmlOf = async (ref: Ref) => (await call(PROC.secretGetXml, writeRef(ref).uint(0))).string();
  const valueOf = async (ref: Ref): Promise<Confidential | 'none'> => {
    const asked = call(PROC.secretGetValue, writeRef(ref).uint(0));
    const value = asked.then((answer) => new Confidential(answer.opaque().toString('base64')));
    return orWhen<Confidential | 'none'>(VIR_ERR.noSecret, value, 'none');
  };
  const define = async (xml: string): Promise<Ref> =>
    readRef(await call(PROC.secretDefineXml, new XdrWriter().string(xml).uint(0)));
  const brought = async (asked: SecretRef, owner: MigrationId) => {
    const ref = await lookUp(asked);
    const xml = ref && (await xmlOf(ref));
    return ref && xml !== undefined && broughtBy(xml) === owner ? { ref, xml } : undefined;
  };
  const read = async (ref: Ref): Promise<HostSecret> => {
    const xml = await xmlOf(ref);
    const root = rootOf(parseXml(xml, 'secret'));
    const isPrivate = root.getAttribute('private') === 'yes';
    const value = isPrivate ? ('private' as const) : await valueOf(ref);
    const uuid = textOf(root, 'uuid');
    return { uuid, usage: ref.usageId, xml, value, ...defined({ broughtBy: broughtBy(xml) }) };
  };
  return {
    async secret(asked) {
      const ref = await lookUp(asked);
      return ref && read(ref);
    },
    async broughtSecrets() {
      // As libvirt's listings are: the answer has the items and their number.
      const listing = await call(PROC.listAllSecrets, new XdrWriter().int(1).uint(0));
      const found: HostSecret[] = [];
      for (const ref of listing.array(() => readRef(listing))) {
        const secret = await read(ref);
        if (secret.broughtBy !== undefined) found.push(secret);
      }
      return found;
    },
    async bringSecret(xml, value, owner) {
      const ref = await define(withOwner(xml, owner));
      const bytes = Buffer.from(value.reveal(), 'base64');
      await done(call(PROC.secretSetValue, writeRef(ref).opaque(bytes).uint(0)));
    },
    async keepSecret(asked, owner) {
      const mine = await brought(asked, owner);
      if (mine) await define(withOwner(mine.xml, undefined));
    },
    async forgetSecret(asked, owner) {
      const mine = await brought(asked, owner);
      if (mine) await done(call(PROC.secretUndefine, writeRef(mine.ref)));
    },
  };
}
