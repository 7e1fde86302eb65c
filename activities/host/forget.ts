/** `host.forget`. */
import { CodedError } from '../../model/errors.js';
import { forget } from '../../workflows/steps/host.js';
import { implement } from '../kit/implement.js';

/** A host that a move needs stays known; one that is forgotten already is fine. */
export const forgetActivity = implement(forget, ({ inventory }) => ({
  async run({ host }) {
    const all = await inventory.vms();
    const vms = all.filter((vm) => vm.host === host);
    const claim = (await inventory.claims()).find(
      (one) => one.host === host || vms.some(({ uuid }) => uuid === one.vm),
    );
    if (claim) {
      const name = all.find(({ uuid }) => uuid === claim.vm)?.name ?? claim.vm;
      throw new CodedError('MIGRATION_OPEN', `${name} is on its way to or from ${host}`, {
        hint: 'Wait until that move has ended: drover list --open',
      });
    }
    await inventory.removeHost(host);
    return { vms: vms.map(({ name }) => name) };
  },
}));
