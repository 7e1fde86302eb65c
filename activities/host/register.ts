/** `host.register`. */
import { register } from '../../workflows/steps/host.js';
import { implement } from '../kit/implement.js';

/** What was seen on a host that is known already is kept. */
export const registerActivity = implement(register, ({ inventory }) => ({
  async run({ host }) {
    await inventory.putHost(host);
    return {};
  },
}));
