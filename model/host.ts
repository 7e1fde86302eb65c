/** A KVM host: how it is reached, and what the operator allows. */
import { z } from 'zod';
import { HostName, HostPath } from './ids.js';
import { AnyMap, isUnambiguous } from './mapping.js';
import { inSystemFolder } from './system-folders.js';

const SYSTEM = inSystemFolder();

/** How drover logs in. The key's content is never stored, only where it is. */
export const SshAddress = z.object({
  user: z
    .string()
    .regex(/^[A-Za-z_][\w.-]{0,63}(?:@[A-Za-z0-9.-]{1,100})?$/, 'the name of a login'),
  address: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,255}$/, 'an address is a host name or an IP address'),
  port: z.int().min(1).max(65535),
});
export type SshAddress = z.infer<typeof SshAddress>;

/** A host as the operator registered it. */
export const Host = z.object({
  name: HostName,
  ssh: SshAddress.meta({
    flag: '--ssh <user@address[:port]>',
    help: 'how drover logs in (needed for a new host); a name from ~/.ssh/config is one too',
  }),
  /** `SHA256:…` of the host key; without it, known_hosts decides. */
  hostKeyFingerprint: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'SHA256:… as ssh-keygen -lf shows it')
    .optional()
    .meta({
      flag: '--fingerprint <SHA256:…>',
      help: 'its host key; without it, known_hosts decides',
    }),
  /** The URI by which other hosts' libvirtd reaches this one (F7), for example `qemu+ssh://root@kvm2/system`. */
  libvirtUri: z
    .string()
    .regex(
      /^qemu\+(?:ssh|tls|tcp):\/\/[A-Za-z0-9@.:_%[\]-]+\/system$/,
      'a URI such as qemu+ssh://root@kvm2/system, without ?options: libvirt would run what some of them name',
    )
    .meta({
      flag: '--uri <uri>',
      help: 'how other hosts’ libvirtd reaches this one',
      otherwise: 'qemu+ssh://USER@ADDRESS/system',
    }),
  /** The address that memory and disks are sent to. */
  migrationAddress: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,255}$/, 'an address is a host name or an IP address')
    .optional()
    .meta({
      flag: '--migration-address <address>',
      help: 'where memory and disks are sent',
      otherwise: 'the address in --uri',
    }),
  /** Of records of releases before 0.3, which copied over ssh; nothing reads it. */
  copySshPort: z.int().min(1).max(65535).optional(),
  /** Folders of guests' disks, beside libvirt's own and its pools: outside of them drover reads and writes nothing of a guest's. */
  storage: z
    .array(
      HostPath.refine(
        (path) => !SYSTEM.test(path),
        'no folder of the system: no guest has a disk there',
      ),
    )
    .min(1)
    .max(50)
    .optional()
    .meta({
      flag: '--storage <folder>',
      help: 'where guests’ disks are, beside libvirt’s folders and pools (again and again)',
      otherwise: 'everywhere but in folders of the system',
    }),
  /** What is called otherwise here than where guests come from: for every move to this host that does not say it itself. */
  maps: z
    .array(AnyMap)
    .max(100)
    .refine(isUnambiguous, 'one map for each folder, bridge or network')
    .optional()
    .meta({
      flag: '--map <from=to>',
      help: 'what guests bring under another name: /data/vms=/srv/images, br0=br-lan, network:lan=network:office (again and again)',
      otherwise: 'the same names',
    }),
  /** `draining` and `disabled` hosts get no new guests. */
  state: z
    .enum(['enabled', 'draining', 'disabled'])
    .default('enabled')
    .meta({ flag: '--state <state>', help: 'whether it gets new guests' }),
  /** Memory that guests never get: the host's own need. */
  reservedMemoryBytes: z
    .number()
    .int()
    .nonnegative()
    .default(512 * 1024 * 1024)
    .meta({
      flag: '--reserve-memory <size>',
      help: 'memory that guests never get',
      unit: 'bytes',
      otherwise: '512MiB',
    }),
  /** How many vCPUs guests may have per CPU. */
  vcpuRatio: z
    .number()
    .positive()
    .default(16)
    .meta({ flag: '--vcpu-ratio <n>', help: 'vCPUs that guests may have per CPU' }),
  /** Link speed for forecasts and the default of `--bandwidth`, in MiB per second. */
  linkMibPerSec: z.number().positive().default(110).meta({
    flag: '--link <MiB/s>',
    help: 'speed of its link, for forecasts; 110 is one gigabit',
    unit: 'MiB/s',
  }),
});
export type Host = z.infer<typeof Host>;

/** A record of the inventory's. Releases before 0.3 took options in the URI, of which libvirt runs some: they are left out. */
export const StoredHost = z.preprocess(
  (doc) =>
    typeof doc === 'object' &&
    doc !== null &&
    'libvirtUri' in doc &&
    typeof doc.libvirtUri === 'string'
      ? { ...doc, libvirtUri: doc.libvirtUri.split('?')[0] }
      : doc,
  Host,
);
