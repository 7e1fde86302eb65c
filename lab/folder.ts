/** Where the lab lies. */

/** Below the loopback ports of its hosts' sshds, as lab.conf has it. */
export const LAB_SSH_PORTS = Number(process.env['DROVER_LAB_PORT'] ?? 2200);
/** The lab's folder, as lab.conf has it. */
export const LAB_DIR = process.env['DROVER_LAB_DIR'] ?? '/var/lib/drover-lab';
