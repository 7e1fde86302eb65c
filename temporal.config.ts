/** drover's configuration: the one place that reads the environment, checked and frozen. */
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CodedError } from './model/errors.js';
import { inWords } from './model/in-words.js';

const Environment = z.object({
  /** Where drover keeps what is its own: the embedded inventory, Temporal's database, sockets. */
  DROVER_HOME: z.string().default(join(homedir(), '.drover')),
  /** Downloads and builds that may be thrown away. */
  DROVER_CACHE_DIR: z.string().default(join(homedir(), '.cache', 'drover')),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** TLS to Temporal, by Temporal's own names; any certificate turns it on. */
  TEMPORAL_TLS: z.stringbool().optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  DROVER_TASK_QUEUE: z.string().default('drover'),
  /** Port of the Web UI that `drover up` starts. */
  DROVER_UI_PORT: z.coerce.number().int().default(8233),
  /** Path of Temporal's binary; looked for in PATH and the cache without it. */
  DROVER_TEMPORAL: z.string().optional(),
  /** PostgreSQL; the embedded inventory without it. */
  DATABASE_URL: z.url().optional().meta({ isSecret: true }),
  /** The keys that payloads are sealed with (docs/hosts.md); without it, codec-keys in DROVER_HOME, which `drover up` makes. */
  DROVER_CODEC_KEYS: z.string().optional(),
  /** `take`: what is not sealed, or was sealed by a release before 0.3, is taken as well (docs/upgrades.md). */
  DROVER_UNSEALED: z.enum(['refuse', 'take']).default('refuse'),
  /** Port of the codec server that `drover up` starts for its Web UI; the one after the Web UI's without it. */
  DROVER_CODEC_PORT: z.coerce.number().int().optional(),
  /** The policy file; without it the local operator may do everything. */
  DROVER_POLICY: z.string().optional(),
  DROVER_SSH_KEY: z.string().optional(),
  DROVER_KNOWN_HOSTS: z.string().default(join(homedir(), '.ssh', 'known_hosts')),
  /** Who became root to run this: his browser may read as well. */
  SUDO_UID: z.coerce.number().int().optional(),
  PATH: z.string().default(''),
  SSH_AUTH_SOCK: z.string().optional(),
  /** `http(s)://…` or `file:///folder`, with a SHA256SUMS file. */
  DROVER_IMAGE_STORE: z.url().optional().meta({ isSecret: true }),
  /** Who requests a move, if the command line does not say. */
  DROVER_USER: z.string().default(userInfo().username),
});

const read = Environment.safeParse(process.env);
if (!read.success) {
  throw new CodedError('BAD_CONFIG', inWords(Environment, process.env), {
    hint: 'Fix or unset that environment variable.',
  });
}
const env = read.data;
const keysFile = join(env.DROVER_HOME, 'codec-keys');
const defaultKeysFile = existsSync(keysFile) ? keysFile : undefined;

/** The configuration. Paths are absolute or as given; ports are numbers. */
export const config = Object.freeze({
  home: env.DROVER_HOME,
  cacheDir: env.DROVER_CACHE_DIR,
  temporal: Object.freeze({
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    taskQueue: env.DROVER_TASK_QUEUE,
    tlsFiles: Object.freeze({
      isOn:
        env.TEMPORAL_TLS ??
        Boolean(env.TEMPORAL_TLS_SERVER_CA_CERT_PATH ?? env.TEMPORAL_TLS_CLIENT_CERT_PATH),
      serverName: env.TEMPORAL_TLS_SERVER_NAME,
      caFile: env.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
      certFile: env.TEMPORAL_TLS_CLIENT_CERT_PATH,
      keyFile: env.TEMPORAL_TLS_CLIENT_KEY_PATH,
    }),
    uiPort: env.DROVER_UI_PORT,
    binary: env.DROVER_TEMPORAL,
    codecKeysFile: env.DROVER_CODEC_KEYS ?? defaultKeysFile,
    unsealed: env.DROVER_UNSEALED,
    /** For `drover up`, which makes it. */
    newKeysFile: keysFile,
    codecPort: env.DROVER_CODEC_PORT ?? env.DROVER_UI_PORT + 1,
    /** How long the embedded server keeps ended runs: they are the audit log. Thirty days. */
    retentionSeconds: 30 * 24 * 3600,
  }),
  databaseUrl: env.DATABASE_URL,
  policyFile: env.DROVER_POLICY,
  ssh: Object.freeze({
    keyFile: env.DROVER_SSH_KEY,
    knownHostsFile: env.DROVER_KNOWN_HOSTS,
    agent: env.SSH_AUTH_SOCK,
  }),
  imageStoreUrl: env.DROVER_IMAGE_STORE,
  user: env.DROVER_USER,
  sudoUid: env.SUDO_UID,
  path: env.PATH,
});

/** The configuration's type, for code that needs a part of it. */
export type Config = typeof config;
