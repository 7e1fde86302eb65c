/** A post-copy whose link broke: the guest's memory is on both hosts, each a part, and only going on brings it together again. */
import { pause } from '../../drivers/deadline.js';
import type { Route } from '../../model/migration.js';
import type { TransferSpec } from '../../drivers/hypervisor.js';
import { sideAt, type Ends } from '../kit/location.js';

/** libvirt's own attempt takes some seconds while a link is down. */
const RESUME_EVERY_MS = 1000;

/** What a watcher is told meanwhile. */
export const BROKEN =
  'the link broke after the switch to post-copy; the transfer goes on as soon as the hosts reach each other. Do not end the guest on either';

/** True if it can go on: where the target's part is gone, a person has to decide. */
export async function isResumable({ source, target }: Ends, route: Route): Promise<boolean> {
  const here = await source.hypervisor.find(route.uuid);
  if (here?.reason !== 'postcopyFailed') return false;
  // A target that cannot be asked now is one to wait for.
  const there = await sideAt(target, route);
  return there === 'postcopy' || there === 'unknown';
}

/** Tries once, in a moment (libvirt's postcopy-resume); settles when libvirt says how the transfer ended. */
export async function resume({ source }: Ends, route: Route, spec: TransferSpec): Promise<void> {
  await pause(RESUME_EVERY_MS);
  await source.hypervisor.resumePostCopy(route.uuid, spec);
}
