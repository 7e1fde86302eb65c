/** The lab's guests as a person at their consoles has them: objects with verbs. */
import { askGuest, guestState, type GuestSays } from '../observer.js';

/** A guest that answers on its web server (lab/guest/). */
export interface LabGuest {
  readonly vm: string;
  readonly ip: string;
  readonly mac: string;
  /** What its disks are on, in words. */
  readonly storage: string;
  /** Writes so many records to each of its disks, and has them on the disk when it returns. */
  write(records: number): Promise<void>;
  /** Writes so many MiB of its memory, again and again from now on; 0 ends that. */
  dirty(mib: number): Promise<void>;
  /** Fills so many MiB of its first disk. */
  fill(mib: number): Promise<void>;
  /** How many records a disk has, and whether they are whole: `12 ok`. */
  records(device: string): Promise<string>;
  /** What its config drive says. */
  config(device: string): Promise<string>;
  /** Its boot id and the checksums of its disks. */
  says(): Promise<GuestSays>;
}

/** A guest by its number: its address and its MAC end with it. */
function labGuest(vm: string, number: number, storage: string): LabGuest {
  const ip = `10.77.0.${100 + number}`;
  const ask = async (page: string): Promise<void> => {
    await askGuest(ip, page);
  };
  return {
    vm,
    ip,
    mac: `52:54:00:77:00:0${number}`,
    storage,
    write: (records) => ask(`write?${records}`),
    dirty: (mib) => ask(`dirty?${mib}`),
    fill: (mib) => ask(`fill?${mib}`),
    records: (device) => askGuest(ip, `records?${device}`),
    config: (device) => askGuest(ip, `config?${device}`),
    says: () => guestState(ip),
  };
}

/** Those that every lab has, by name. */
export const GUEST = {
  web1: labGuest('web1', 1, 'shared storage'),
  vol1: labGuest('vol1', 2, 'an iSCSI volume'),
  blk1: labGuest('blk1', 3, 'a local disk (block)'),
  mix1: labGuest('mix1', 4, 'one disk of each kind'),
} as const;

/** All of them. */
export const ALL_GUESTS: readonly LabGuest[] = Object.values(GUEST);
