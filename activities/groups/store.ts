/** `groups.store`. */
import { storeGroups } from '../../workflows/steps/groups.js';
import { implement } from '../kit/implement.js';

/** Groups that are not named stay as they are. */
export const storeGroupsActivity = implement(storeGroups, ({ inventory }) => ({
  async run({ groups }) {
    await inventory.putGroups(groups);
    return { hosts: (await inventory.hosts()).map(({ host }) => host.name) };
  },
}));
