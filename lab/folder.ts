/** Where the lab lies. */

/** The lab's folder, as lab.conf has it. */
export const LAB_DIR = process.env['DROVER_LAB_DIR'] ?? '/var/lib/drover-lab';
