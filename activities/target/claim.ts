/** `target.claim` and its undo. */
import { claim } from '../../workflows/steps/target.js';
import { dropMark } from '../kit/fence.js';
import { implement } from '../kit/implement.js';

/** May run twice: a claim is keyed by the migration. */
export const claimActivity = implement(claim, ({ inventory, dataCentre }) => ({
  async run({ route, memoryBytes, vcpus, diskBytes }) {
    await inventory.take({
      migrationId: route.migrationId,
      vm: route.uuid,
      host: route.target,
      memoryBytes,
      vcpus,
      diskBytes,
    });
    return {};
  },
  async undo({ route }) {
    await inventory.release(route.migrationId);
    await dropMark(await dataCentre.on(route.source), route);
  },
  describe: ({ route, vm }) => [
    `reserve ${vm.memoryBytes} bytes of memory and ${vm.vcpus} vCPUs on ${route.target}`,
  ],
}));
