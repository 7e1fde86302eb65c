/** One verified ssh connection to a host, dialled when needed and again when it broke. */
import { defined } from '../../model/defined.js';
import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import type { Duplex } from 'node:stream';
import { CodedError, messageOf } from '../../model/errors.js';
import type { Host } from '../../model/host.js';
import { withDeadline } from '../deadline.js';
import { fingerprintOf, knownTypes, parseKnownHosts, verdictOf } from './known-hosts.js';

/** Who drover logs in as, and whom it trusts. Contents of files, read once by the caller. */
export interface SshIdentity {
  readonly privateKey?: Buffer;
  /** Path of an agent's socket. */
  readonly agent?: string;
  readonly knownHosts: string;
}

const CONNECT_MS = 10_000;
const OPEN_MS = 10_000;

/** The connection of one host. */
export interface SshConnection {
  /** Opens a session channel that runs a command line. */
  exec(command: string): Promise<ClientChannel>;
  /** Opens a stream to a unix socket on the host. */
  openUnixSocket(path: string): Promise<Duplex>;
  close(): void;
}

/** Makes a connection that dials on first use, with the key and known_hosts of that moment. */
export function sshConnection(host: Host, identity: () => Promise<SshIdentity>): SshConnection {
  let dialled: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    dialled ??= identity()
      .then((known) => dial(host, known, () => (dialled = undefined)))
      .catch((error: unknown) => {
        dialled = undefined;
        throw error;
      });
    return dialled;
  };
  const open = async <T>(
    what: string,
    start: (ssh: Client, done: (error: unknown, value: T) => void) => void,
  ) => {
    const ssh = await client();
    const opening = new Promise<T>((resolve, reject) => {
      const fail = () => reject(unreachable(host, 'the connection closed'));
      const refuse = (error: unknown) =>
        reject(unreachable(host, `${what}: ${messageOf(error)}`, error));
      ssh.once('close', fail);
      try {
        start(ssh, (error, value) => {
          ssh.off('close', fail);
          if (error) refuse(error);
          else resolve(value);
        });
      } catch (error) {
        // ssh2 throws "Not connected" when the other end is gone and its own 'close' is still to come.
        refuse(error);
        ssh.destroy();
      }
    });
    return withDeadline(opening, OPEN_MS, () => {
      // A half-open connection would hang every later call as well.
      ssh.destroy();
      return unreachable(host, `${what} took longer than ${OPEN_MS} ms`);
    });
  };
  return {
    exec: (command) => open('opening a session', (ssh, done) => void ssh.exec(command, done)),
    openUnixSocket: (path) =>
      open(`opening ${path}`, (ssh, done) => void ssh.openssh_forwardOutStreamLocal(path, done)),
    close: () => void dialled?.then((ssh) => ssh.end()).catch(() => undefined),
  };
}

function dial(host: Host, identity: SshIdentity, onClose: () => void): Promise<Client> {
  const { user: username, address, port } = host.ssh;
  const ssh = new Client();
  let refusal: CodedError | undefined;
  const entries = parseKnownHosts(identity.knownHosts);
  const types = knownTypes(entries, address, port) as ServerHostKeyAlgorithm[];
  const config: ConnectConfig = {
    host: address,
    port,
    username,
    readyTimeout: CONNECT_MS,
    keepaliveInterval: 5_000,
    keepaliveCountMax: 3,
    ...defined({
      privateKey: identity.privateKey,
      agent: identity.agent,
      algorithms:
        types.length > 0 && !host.hostKeyFingerprint
          ? { serverHostKey: withRsaHashes(types) }
          : undefined,
    }),
    hostVerifier: (key: Buffer) => {
      refusal = refusalOf(
        host,
        key,
        host.hostKeyFingerprint ?? verdictOf(entries, address, port, key),
      );
      return refusal === undefined;
    },
  };
  return new Promise((resolve, reject) => {
    ssh.once('ready', () => {
      ssh.setNoDelay(true); // Else every command waits 40 ms for a delayed ACK.
      resolve(ssh);
    });
    ssh.on('error', (error: Error & { level?: string }) => {
      reject(refusal ?? connectError(host, error));
    });
    ssh.once('close', () => {
      onClose();
      reject(refusal ?? unreachable(host, 'the connection closed'));
    });
    ssh.connect(config);
  });
}

/** known_hosts says `ssh-rsa` for a key that is signed with SHA-2 today. */
const withRsaHashes = (types: ServerHostKeyAlgorithm[]): ServerHostKeyAlgorithm[] =>
  types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]));

function refusalOf(host: Host, key: Buffer, trust: string): CodedError | undefined {
  const shown = fingerprintOf(key);
  const facts = { host: host.name, shown };
  if (trust === 'known' || trust === shown) return undefined;
  if (trust === 'unknown') {
    return new CodedError(
      'HOST_KEY_UNKNOWN',
      `the host key of ${host.name} (${shown}) is not known`,
      {
        hint: `Compare it with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then: drover hosts add ${host.name} … --fingerprint ${shown}`,
        facts,
      },
    );
  }
  return new CodedError(
    'HOST_KEY_MISMATCH',
    `${host.name} shows another host key (${shown}) than the one on record`,
    {
      hint: 'Somebody may be intercepting the connection, or the host was reinstalled. Find out which before you move anything.',
      facts,
    },
  );
}

function connectError(host: Host, error: Error & { level?: string }): CodedError {
  if (error.level !== 'client-authentication') return unreachable(host, messageOf(error), error);
  return new CodedError('SSH_AUTH_REFUSED', `${host.name} refused the login of ${host.ssh.user}`, {
    hint: 'Put drover’s public key into the authorized_keys of that user on the host.',
    facts: { host: host.name },
    cause: error,
  });
}

/** The error of a host whose reply is lost. */
export const unreachable = (host: Host, why: string, cause?: unknown): CodedError =>
  new CodedError('HOST_UNREACHABLE', `cannot reach ${host.name}: ${why}`, {
    hint: `Try: ssh -p ${host.ssh.port} ${host.ssh.user}@${host.ssh.address}`,
    facts: { host: host.name },
    cause,
  });
