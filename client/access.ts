/** Secrets by reference: keys and certificates are read from the files that the configuration names, and stay in this process. */
import { defined } from '../model/defined.js';
import type { TLSConfig } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { readFile } from 'node:fs/promises';
import type { Unsealed } from '../codec/aes-gcm.js';
import { codecFrom } from '../codec/key-file.js';
import { CodedError } from '../model/errors.js';

export { codecFrom } from '../codec/key-file.js';

/** How a client or a worker reaches Temporal, besides the address. */
export interface Access {
  /** Encrypts what Temporal stores. */
  readonly codec?: PayloadCodec;
  /** Encrypts the connection; without it there is no TLS. */
  readonly tls?: TLSConfig;
}

/** The files, as the environment names them (docs/hosts.md). */
export interface AccessFiles {
  readonly codecKeysFile: string | undefined;
  /** `take`: what is not sealed is read as well (docs/upgrades.md). @default refuse */
  readonly unsealed?: Unsealed;
  readonly tlsFiles: {
    readonly isOn: boolean;
    readonly serverName: string | undefined;
    readonly caFile: string | undefined;
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
  };
}

/** Reads them. @throws BAD_CONFIG naming the file */
export async function accessFrom({
  codecKeysFile,
  unsealed,
  tlsFiles,
}: AccessFiles): Promise<Access> {
  return {
    ...(await codecFrom(codecKeysFile, unsealed)),
    ...defined({ tls: tlsFiles.isOn ? await readTls(tlsFiles) : undefined }),
  };
}

async function readTls({
  serverName,
  caFile,
  certFile,
  keyFile,
}: AccessFiles['tlsFiles']): Promise<TLSConfig> {
  if (Boolean(certFile) !== Boolean(keyFile))
    throw new CodedError(
      'BAD_CONFIG',
      'a client certificate needs its key, and a key its certificate',
      {
        hint: 'Set both TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or neither.',
      },
    );
  return defined({
    serverNameOverride: serverName,
    serverRootCACertificate: caFile ? await readPem(caFile) : undefined,
    clientCertPair:
      certFile && keyFile
        ? { crt: await readPem(certFile), key: await readPem(keyFile) }
        : undefined,
  });
}

const readPem = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    throw new CodedError('BAD_CONFIG', `${file} cannot be read`, {
      hint: 'A TEMPORAL_TLS_… variable names it.',
      cause,
    });
  });
