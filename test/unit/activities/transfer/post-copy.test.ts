/** A broken post-copy that is not resumed. */
import { stillness } from '../../../../activities/transfer/post-copy.js';
import { MigrationId, VmName } from '../../../../model/ids.js';
import { buildSite, endsOfMove } from '../../../helpers/fake-migration.js';

/** A guest whose parts lost each other, and a clock that the test moves. */
async function broken() {
  const { world } = await buildSite(['shared']);
  const { source, target, uuid, guest } = await endsOfMove(world);
  Object.assign(guest, { state: 'paused', reason: 'postcopyFailed' });
  const route = {
    migrationId: MigrationId.parse('m1'),
    epoch: 1,
    name: VmName.parse('vm1'),
    uuid,
    source: source.host.name,
    target: target.host.name,
  };
  let nowMs = 1_000_000;
  const check = stillness({ source, target }, route, () => nowMs);
  /** Looks every four seconds. */
  const watch = async (seconds: number, sentBytes: () => number) => {
    for (const end = nowMs + seconds * 1000; nowMs < end; nowMs += 4000) await check(sentBytes());
  };
  return { world, guest, watch };
}

it('is stuck when nothing was sent for long although the hosts reach each other', async () => {
  const { watch } = await broken();

  await expect(watch(120, () => 7)).rejects.toMatchObject({ code: 'TRANSFER_STUCK' });
});

it('is waited for as long as the link is down, and a minute longer', async () => {
  const { world, watch } = await broken();
  world.isLinkCut = true;

  await watch(3600, () => 7);
  world.isLinkCut = false;
  await watch(60, () => 7);
});

it('is not stuck while it sends', async () => {
  const { watch } = await broken();
  let sent = 0;

  await watch(600, () => ++sent);
});

it('is not stuck when it was resumed, though nothing is left to send', async () => {
  const { guest, watch } = await broken();
  await watch(60, () => 7);
  Object.assign(guest, { reason: 'postcopy' });

  await watch(600, () => 7);
});
