/** Jest's global set-up of the tests between two releases: a lab whose h2 is Debian 13's (libvirt 11.3, QEMU 10.0). */
import start from './start-lab.js';

/** The others have the machine's own release. */
export default async function startMixed(): Promise<void> {
  process.env['DROVER_LAB_NEW_HOSTS'] = 'h2';
  await start();
}
