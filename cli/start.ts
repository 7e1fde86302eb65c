/** The way in: what keeps the command from loading, a wrong environment variable above all, is reported like everything else. */
import { exitCodeOf, reportError } from './exit.js';

import('./main.js').catch((error: unknown) => {
  reportError(error, process.argv.includes('--json'));
  process.exit(exitCodeOf(error));
});
