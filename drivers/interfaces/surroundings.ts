/** What a host has that a guest's definition may name: addresses, listeners, huge pages. Nothing is changed. */
import type { HostAddress } from '../../model/host-facts.js';

/** Huge pages of one size. */
export interface HugePages {
  readonly sizeKib: number;
  readonly free: number;
}

/** A network device that is not free: a port of `master` (a bridge, a bond), or below a macvtap or macvlan of that mode and address. */
export interface TakenDevice {
  readonly device: string;
  readonly by: { readonly master: string } | { readonly macvtap: string; readonly mac: string };
}

/** All of it, at one moment. */
export interface Surroundings {
  readonly addresses: readonly HostAddress[];
  /** TCP ports on which somebody listens, on any address. */
  readonly listening: readonly number[];
  readonly hugePages: readonly HugePages[];
  readonly taken: readonly TakenDevice[];
  /** The size that is meant where none is named; 0 if the kernel has none. */
  readonly defaultHugePageKib: number;
}

/** The certificates with which a host's QEMU encrypts moves (qemu.conf, migrate_tls_x509_cert_dir). */
export interface Certificates {
  readonly folder: string;
  /** Those of its five files that are there. */
  readonly files: readonly string[];
  /** It lets in nobody without a certificate. */
  readonly asksClients: boolean;
  /** SHA-256 of the authority's certificate. */
  readonly authority?: string | undefined;
  /** The server's has ended, or does so within a week. */
  readonly isEnding: boolean;
  /** The server's is for another address than the one that memory is sent to. */
  readonly isForAnother: boolean;
}

/** What drover runs and needs on a host, as root sees it. */
export interface Equipment {
  /** Of the commands that were asked for, those that are there. */
  readonly commands: readonly string[];
  /** Of the folders that were asked for, those that are there. */
  readonly folders: readonly string[];
  readonly hasKvm: boolean;
  /** Its kernel takes rules for bridged frames. */
  readonly hasBridgeRules: boolean;
  /** Milliseconds since 1970, by its clock. */
  readonly clockMs: number;
  readonly certificates: Certificates;
}

/** What is asked of a host's equipment. */
export interface EquipmentQuestion {
  readonly commands: readonly string[];
  readonly folders: readonly string[];
  /** Where its QEMU takes memory. */
  readonly address: string;
}

/** One host's. */
export interface HostSurroundings {
  look(): Promise<Surroundings>;
  equipment(question: EquipmentQuestion): Promise<Equipment>;
}
