/** A kind of disk, network or host as operators have it: how a guest of it is made, and how its content is read. */
import { onHost, type EverydayGuest } from '../everyday.js';

/** What a guest of a kind is made of. */
export interface Made {
  /** XML of its disks. @default a qcow2 of 16 MiB in a folder of its own */
  readonly disks?: string;
  /** XML of its interfaces. @default one on br0 */
  readonly interfaces?: string;
  readonly devices?: string;
  readonly boot?: string;
  readonly beside?: string;
  /** What is done to it once it is defined, before it is started. */
  afterwards?(guest: EverydayGuest): Promise<unknown>;
  /** Its disk’s place, of a kind that is copied: by hand it is made on the target first. */
  readonly path?: string;
  /** What its operator does before it may come back to h1. */
  beforeBack?(): Promise<unknown>;
  /** A checksum of what the guest sees of its disk, on the host where it is; without it only the domain is looked at. */
  content?(host: string): Promise<string>;
}

/** The moves that each kind is tried with. */
export const MOVES = [
  'live',
  'live, ended in the middle',
  'cold',
  'cold, reverted',
  'warm',
] as const;
export type MoveName = (typeof MOVES)[number];

/** One row of docs/kinds.md. */
export interface Kind {
  readonly group: 'disks' | 'networks' | 'belongings';
  /** As an operator finds his VM by it. */
  readonly name: string;
  /** What becomes of it. */
  readonly becomes: string;
  /** @param undo what removes it again, in the opposite order */
  make(at: {
    readonly name: string;
    readonly number: number;
    undo(step: () => Promise<unknown>): void;
  }): Promise<Made>;
  /** Moves that are refused, with words of the reason. */
  readonly refuses?: Partial<Record<MoveName, RegExp>>;
  /** @default h2 */
  readonly target?: string;
  readonly isCarryingSecrets?: boolean;
  /** As its operator says them. */
  readonly storageMaps?: readonly string[];
  /** And on the way back to h1. @default the same */
  readonly mapsBack?: readonly string[];
}

/** What `$1` holds, whatever its format; `$2` format. Compared as a guest sees it. */
export const CONTENT = `qemu-img convert -U -f "$2" -O raw "$1" /run/content.raw && sha256sum </run/content.raw; rm -f /run/content.raw`;

/** The content of an image on a host. */
export const contentOf = (host: string, path: string, format: string): Promise<string> =>
  onHost(host, CONTENT, path, format);
