/** Ports of a VM, security groups and the state of a port's binding on a host. */
import { z } from 'zod';
import { Device, Mac } from './ids.js';

const GroupName = z
  .string()
  .regex(/^[a-z0-9-]{1,40}$/, 'a security group has small letters, digits and dashes, at most 40');

/** One network interface of a VM. */
export const Port = z.object({
  mac: Mac,
  /** The bridge that it is on, on the host where the VM is now; missing if a network of libvirt's names it and is not there. */
  bridge: Device.optional(),
  /** The libvirt network that it belongs to: each host says by it which bridge is meant. */
  network: z.string().optional(),
  /** The part of that network whose rules it has. */
  portgroup: z.string().optional(),
  /** The tap device on the host where the guest runs now. */
  tap: Device,
  /** The guest's address, if drover knows it: anti-spoofing then checks it. */
  ip: z.ipv4().optional(),
  groups: z.array(GroupName).default([]),
  /** What it is attached to on the target, if not to the same (`Placement`). */
  target: z.object({ bridge: Device.optional(), network: z.string().optional() }).optional(),
});
export type Port = z.infer<typeof Port>;

/** One thing that a security group lets in. Everything that no rule lets in is dropped. */
export const SecurityRule = z.strictObject({
  protocol: z.enum(['tcp', 'udp', 'icmp']),
  /** `80` or `8000-8099`; required for tcp and udp. */
  ports: z
    .string()
    .regex(/^\d{1,5}(?:-\d{1,5})?$/, 'a port such as 80, or a range such as 8000-8099')
    .optional(),
  /** Who may come in; anyone by default. */
  from: z.cidrv4().default('0.0.0.0/0'),
});
export type SecurityRule = z.infer<typeof SecurityRule>;

/** A named list of rules. */
export const SecurityGroup = z.strictObject({
  name: GroupName,
  ingress: z.array(SecurityRule),
});
export type SecurityGroup = z.infer<typeof SecurityGroup>;

/** `inactive`: the rules stand, the port does not serve there yet. */
export type BindingState = 'inactive' | 'active';

/** The tap's name on a target: derived from the MAC, so that the rules can stand before the tap does. */
export const targetTap = (mac: Mac): Device => Device.parse(`dr${mac.replaceAll(':', '')}`);
