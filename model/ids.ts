/** Branded identifiers and the patterns that bad input must not pass. */
import { z } from 'zod';

/** A host's name as the operator gave it, for example `kvm-07`. */
export const HostName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/,
    'a host name has letters, digits, dots and dashes',
  )
  .brand<'HostName'>();
export type HostName = z.infer<typeof HostName>;

/** A domain's UUID in libvirt's spelling (lower case, with dashes). */
export const VmUuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'a UUID')
  .brand<'VmUuid'>();
export type VmUuid = z.infer<typeof VmUuid>;

/** A domain's name as libvirt and QEMU's driver take it: anything but a slash and a line break, at most a file name long. */
export const VmName = z
  .string()
  .max(255)
  .regex(/^[^/\n\0]+$/, 'a VM name has no slash and no line break')
  .brand<'VmName'>();
export type VmName = z.infer<typeof VmName>;

/** The id of one migration: it marks claims, files and bindings as this migration's. */
export const MigrationId = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/, 'a migration id')
  .brand<'MigrationId'>();
export type MigrationId = z.infer<typeof MigrationId>;

/** An Ethernet address, lower case. */
export const Mac = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/, 'a MAC address')
  .brand<'Mac'>();
export type Mac = z.infer<typeof Mac>;

/** A network device or bridge name as the kernel allows it, without shell or nft syntax. */
export const Device = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,15}$/, 'a network device name')
  .brand<'Device'>();
export type Device = z.infer<typeof Device>;

/** True for a path that leaves the folder that it names. */
export const climbs = (path: string): boolean => path.split('/').includes('..');

/** An absolute path without control characters and without `..`. */
export const HostPath = z
  .string()
  .max(1024)
  .regex(/^\/[^\u0000-\u001f\u007f]*$/, 'an absolute path without control characters')
  .refine((path) => !climbs(path), 'a path without ..')
  .brand<'HostPath'>();
export type HostPath = z.infer<typeof HostPath>;

/** An id of a fact of docs/procedure.md, for example `F15`. */
export type FactId = `${'W' | 'K' | 'C' | 'L' | 'B' | 'U' | 'F'}${number}`;

/** A name that people give: of a project, or of a group of guests. */
export const GIVEN_NAME = /^[\w.-]{1,100}$/;
