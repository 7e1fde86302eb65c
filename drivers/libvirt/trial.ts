/**
 * Trying out a definition: libvirt validates it against its own schema and translates it for QEMU, which are its checks of all
 * that a start would need, short of opening files. A definition can be validated only by being made, so it is, for a moment,
 * under a name and a UUID of its own.
 */
import { present } from '../../model/defined.js';
import { createHash } from 'node:crypto';
import { VmUuid } from '../../model/ids.js';
import { messageOf } from '../../model/errors.js';
import { all, first, parseXml, rootOf, serialize, textOf } from '../../guest/xml/document.js';
import type { TrialVerdict } from '../interfaces/hypervisor/trial.js';
import { done, orWhen, type Calls } from './calls.js';
import { LibvirtError, VIR_ERR } from './errors.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';

const PREFIX = 'drover-trial-';
/** True for the name of a trial, which is no guest of anybody's. */
export const isTrial = (name: string): boolean => name.startsWith(PREFIX);

/** virDomainDefineFlags. */
const VALIDATE = 1;
/** virDomainUndefineFlagsValues: whatever state there is stays; a trial has none of its own. */
const KEEP_STATE = 8 | 64;

/** libvirt's words against the definition, of both of its checks. @throws whatever is no answer of libvirt's to the XML */
export async function tryOut(calls: Calls, xml: string): Promise<TrialVerdict[]> {
  const { uuid, text } = trialOf(xml);
  const native = new XdrWriter().string('qemu-argv').string(text).uint(0);
  const starting = await wordsAgainst(calls.call(PROC.domainXmlToNative, native));
  const ofStart = starting === undefined ? [] : [{ of: 'start' as const, words: starting }];
  try {
    const validated = new XdrWriter().string(text).uint(VALIDATE);
    const words = await wordsAgainst(calls.call(PROC.domainDefineXml, validated));
    // What cannot even be read fails both, in the same words.
    return words === undefined || words === starting
      ? ofStart
      : [...ofStart, { of: 'schema', words }];
  } finally {
    await forget(calls, uuid);
  }
}

async function wordsAgainst(trying: Promise<unknown>): Promise<string | undefined> {
  try {
    await trying;
    return undefined;
  } catch (error) {
    if (!(error instanceof LibvirtError) || error.code !== 'LIBVIRT_FAILED') throw error;
    const lines = messageOf(error).split('\n');
    return present(lines.map((line) => line.trim() || undefined)).join(', ');
  }
}

/** Removes the trial of that guest's definition; an absent one is fine. */
export const forgetTrial = (calls: Calls, of: VmUuid): Promise<void> =>
  forget(calls, trialUuid(of));

const forget = (calls: Calls, uuid: VmUuid): Promise<void> =>
  orWhen(
    VIR_ERR.noDomain,
    done(calls.onDomain(PROC.domainUndefine, uuid, (body) => body.uint(KEEP_STATE))),
    undefined,
  );

function trialOf(xml: string): { uuid: VmUuid; text: string } {
  const document = parseXml(xml, 'domain');
  const root = rootOf(document);
  const of = VmUuid.parse(textOf(root, 'uuid'));
  const uuid = trialUuid(of);
  const [name, id] = [first(root, 'name'), first(root, 'uuid')];
  if (name) name.textContent = `${PREFIX}${of}`;
  if (id) id.textContent = uuid;
  // libvirt 9 runs it, as root, while it translates (S6).
  for (const name of ['script', 'downscript'])
    for (const script of all(root, `devices/interface/${name}`))
      script.parentNode?.removeChild(script);
  // libvirt refuses a guest whose BIOS tells another UUID than its own.
  for (const entry of all(root, 'sysinfo/system/entry'))
    if (entry.getAttribute('name') === 'uuid') entry.textContent = uuid;
  return { uuid, text: serialize(document) };
}

/** The same for every trial of one guest's definition, so that a later one finds what an earlier one has left. */
function trialUuid(of: VmUuid): VmUuid {
  const hex = createHash('sha256').update(`${PREFIX}${of}`).digest('hex');
  const text = hex.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  return VmUuid.parse(text);
}
