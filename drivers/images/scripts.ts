/** The commands of image stores. */
import { asLogin } from '../interfaces/shell.js';

/** Without the user's own settings, and by no other protocol than an image store may have (S25). */
export const CURL = 'curl -q -fsS --proto =https,http,file';

/** `$1` URL: prints the list of checksums. */
export const SUMS = asLogin('images.sums', `exec ${CURL} --max-time 10 -- "$1"`);
