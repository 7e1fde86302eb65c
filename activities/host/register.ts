/** `host.register`. */
import { isAway } from '../../model/errors.js';
import { register } from '../../workflows/steps/host.js';
import { implement } from '../kit/implement.js';
import { readFacts } from './facts.js';
import { refuseTwice } from './twice.js';

/**
 * What was seen on a host that is known already is kept. A host that does not answer is registered all the same, and looked at
 * when it does; one that answers and refuses, or answers as another one does, is not.
 */
export const registerActivity = implement(register, ({ inventory, dataCentre }) => ({
  async run({ host }) {
    const known = await inventory.hosts();
    const before = known.find((one) => one.host.name === host.name);
    // Its drivers are found by its record.
    await inventory.putHost(host);
    try {
      refuseTwice(host.name, await readFacts(await dataCentre.on(host.name)), known);
    } catch (error) {
      if (isAway(error)) return {};
      // Another attempt needs another record, or another host: what was there before stays.
      if (before) await inventory.putHost(before.host);
      else await inventory.removeHost(host.name);
      throw error;
    }
    return {};
  },
}));
