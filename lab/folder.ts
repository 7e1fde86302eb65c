/** Where the lab lies, as lab.conf has it. */

/** Several labs may be up at once; the first is the usual one. */
export const LAB_NUMBER = Number(process.env['DROVER_LAB_NUMBER'] ?? 1);
/** Below the loopback ports of its hosts' sshds. */
export const LAB_SSH_PORTS = 2100 + 100 * LAB_NUMBER;
/** The lab's folder. */
export const LAB_DIR =
  (process.env['DROVER_LAB_DIR'] ?? '/var/lib/drover-lab') +
  (LAB_NUMBER > 1 ? `-${LAB_NUMBER}` : '');
