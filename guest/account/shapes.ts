/** Parts that many elements have, in the shorthand of rows. */

/** Where a device is in the guest, and what libvirt calls it. */
export const ABOUT = 'alias acpi address(zpci)';

/** What a character device has on its host's side (`serial`, `channel`, `redirdev` and others). */
export const CHARDEV = 'protocol source(clipboard mouse reconnect seclabel(label)) log';

/** What a disk's source has that says nothing about where else its data or its keys are. */
export const PLAIN_SOURCE =
  'host snapshot timeout readahead reconnect address initiator(iqn) seclabel(label) privateData';

/** Limits of a disk's throughput. */
export const LIMITS = `group_name size_iops_sec ${['total', 'read', 'write']
  .flatMap((way) => [`${way}_bytes_sec`, `${way}_iops_sec`])
  .flatMap((limit) => [limit, `${limit}_max`, `${limit}_max_length`])
  .join(' ')}`;
