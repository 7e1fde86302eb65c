/** Reads OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): plain, hashed, `[host]:port`, @revoked. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One usable line. */
interface Entry {
  readonly marker: '' | '@revoked' | '@cert-authority';
  readonly patterns: string;
  readonly type: string;
  readonly key: Buffer;
}

/** What known_hosts says of a key. */
export type Verdict = 'known' | 'unknown' | 'mismatch' | 'revoked';

/** Parses the lines that have three or four fields; comments and broken lines are passed over. */
export function parseKnownHosts(text: string): Entry[] {
  return text.split('\n').flatMap((line): Entry[] => {
    const fields = line.trim().split(/\s+/);
    if (line.trim().startsWith('#')) return [];
    const marker = fields[0]?.startsWith('@') ? (fields.shift() as Entry['marker']) : '';
    const [patterns, type, key] = fields;
    if (!patterns || !type || !key) return [];
    return [{ marker, patterns, type, key: Buffer.from(key, 'base64') }];
  });
}

/** Decides about the raw key that a server at `address:port` showed. */
export function verdictOf(
  entries: readonly Entry[],
  address: string,
  port: number,
  key: Buffer,
): Verdict {
  const name = port === 22 ? address : `[${address}]:${port}`;
  const mine = entries.filter((entry) => matches(entry.patterns, name));
  if (mine.some((entry) => entry.marker === '@revoked' && same(entry.key, key))) return 'revoked';
  const plain = mine.filter((entry) => entry.marker === '');
  if (plain.some((entry) => same(entry.key, key))) return 'known';
  return plain.length > 0 ? 'mismatch' : 'unknown';
}

/** The key types that known_hosts has for an address: the server is asked for one of them. */
export const knownTypes = (entries: readonly Entry[], address: string, port: number): string[] => {
  const name = port === 22 ? address : `[${address}]:${port}`;
  return entries
    .filter((entry) => entry.marker === '' && matches(entry.patterns, name))
    .map(({ type }) => type);
};

/** `SHA256:…` as ssh-keygen -l prints it. */
export const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replaceAll('=', '')}`;

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) {
    const [, , salt, hash] = patterns.split('|');
    const found = createHmac('sha1', Buffer.from(salt ?? '', 'base64'))
      .update(name)
      .digest('base64');
    return found === hash;
  }
  const list = patterns.split(',');
  const hit = (pattern: string) => wildcard(pattern).test(name);
  return (
    list.some((p) => !p.startsWith('!') && hit(p)) &&
    !list.some((p) => p.startsWith('!') && hit(p.slice(1)))
  );
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );
