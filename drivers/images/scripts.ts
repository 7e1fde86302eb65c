/** The one command of image stores. */
import { asLogin } from '../interfaces/shell.js';

/** `$1` URL: prints the list of checksums. */
export const SUMS = asLogin('images.sums', 'exec curl -fsS --max-time 10 -- "$1"');
