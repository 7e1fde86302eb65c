/** libvirt's errors by code (virErrorNumber), never by message. */
import { CodedError, type ErrorCode } from '../../model/errors.js';
import type { XdrReader } from './rpc/xdr.js';

/** The codes that drover tells apart. */
export const VIR_ERR = {
  noSupport: 3,
  invalidArgument: 8,
  authFailed: 45,
  noDomain: 42,
  noNetwork: 43,
  noPool: 49,
  operationInvalid: 55,
  noSecret: 66,
  operationTimeout: 68,
  operationAborted: 78,
  noMetadata: 80,
  resourceBusy: 87,
  cpuIncompatible: 91,
} as const;

/** What a host says goes into the history, and a long one would end the run: an error is a sentence or two. */
const LONGEST = 4000;

/** An error that libvirtd answered with. */
export class LibvirtError extends CodedError {
  readonly libvirtCode: number;
  constructor(host: string, libvirtCode: number, domain: number, text: string) {
    super(codeOf(libvirtCode), `libvirt on ${host}: ${text.slice(0, LONGEST)}`, {
      hint: hintOf(libvirtCode, host),
      facts: { host, libvirtCode, libvirtDomain: domain },
    });
    this.name = 'LibvirtError';
    this.libvirtCode = libvirtCode;
  }
}

/** Reads the remote_error of a reply whose status is `error`. */
export function readError(host: string, reader: XdrReader): LibvirtError {
  const code = reader.int();
  const domain = reader.int();
  const text = reader.optional(reader.string) ?? 'no message';
  return new LibvirtError(host, code, domain, text);
}

/** True for libvirt's answer with this code. */
export const isLibvirtError = (error: unknown, code: number): boolean =>
  error instanceof LibvirtError && error.libvirtCode === code;

/** Only what surely had no effect and passes by itself may be retried. */
function codeOf(libvirtCode: number): ErrorCode {
  if (libvirtCode === VIR_ERR.resourceBusy || libvirtCode === VIR_ERR.operationTimeout)
    return 'DOMAIN_BUSY';
  return 'LIBVIRT_FAILED';
}

function hintOf(libvirtCode: number, host: string): string {
  if (libvirtCode === VIR_ERR.authFailed)
    return `On ${host}, add drover's user to the group libvirt.`;
  return `See the journal of libvirtd on ${host} for the whole story.`;
}
