/** Rendered definitions as files on a host. */
import { Confidential } from '../../model/confidential.js';
import type { RenderedDefinitions } from '../interfaces/rendered.js';
import type { HostShell } from '../interfaces/shell.js';
import { GET_RENDERED, PUT_RENDERED, REMOVE_RENDERED } from './scripts.js';

const ABSENT = 3;

/** Those of one host. */
export const renderedDefinitions = (shell: HostShell): RenderedDefinitions => ({
  put: async (owner, name, xml) => {
    await shell.run(PUT_RENDERED, [owner, name], { stdin: xml.reveal() });
  },
  async get(owner, name) {
    const okCodes = [0, ABSENT];
    const { stdout, exitCode } = await shell.run(GET_RENDERED, [owner, name], { okCodes });
    return exitCode === 0 ? new Confidential(stdout) : undefined;
  },
  remove: async (owner) => {
    await shell.run(REMOVE_RENDERED, [owner]);
  },
});
