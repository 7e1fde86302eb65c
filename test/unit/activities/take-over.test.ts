/** A transfer that a former worker began. */
import type { z } from 'zod';
import { Confidential } from '../../../drivers/confidential.js';
import { specOf } from '../../../activities/transfer/run.js';
import type { transfer } from '../../../workflows/steps/transfer.js';
import { buildSite, endsOfMove, migrate } from '../../helpers/fake-migration.js';

it('that has switched to post-copy is followed to its end, though an abort came before its first look', async () => {
  const site = await buildSite(['shared']);
  const { source, target, guest } = await endsOfMove(site.world);
  const begin = (input: z.output<typeof transfer.input>) => {
    site.world.transfer = 'runs';
    const ended = source.hypervisor.startTransfer(
      input.route.uuid,
      specOf(input, { target }, new Confidential(guest.xml)),
    );
    ended.catch(() => undefined); // The former worker is gone.
    Object.assign(guest, { state: 'paused', reason: 'postcopy' });
    setTimeout(() => {
      Object.assign(guest, { reason: 'other' });
      site.world.jobs.get(input.route.uuid)?.finish();
    }, 500);
  };

  const { outcome } = await migrate(site, {
    cancelAt: { step: 'transfer.run', when: 'during' },
    onInput: (step, input) => (step === 'transfer.run' ? begin(input as never) : undefined),
  });

  expect(outcome).toMatchObject({ value: { outcome: 'moved' } });
  expect(site.world.splitBrains).toEqual([]);
});

it('that libvirt has lost sight of is not resumed while QEMU sends on: libvirt would miss its end', async () => {
  const site = await buildSite(['shared']);
  const { source, target, guest } = await endsOfMove(site.world);
  const begin = (input: z.output<typeof transfer.input>) => {
    const { uuid } = input.route;
    site.world.transfer = 'runs';
    source.hypervisor
      .startTransfer(uuid, specOf(input, { target }, new Confidential(guest.xml)))
      .catch(() => undefined);
    Object.assign(guest, { state: 'paused', reason: 'postcopyFailed' });
    const h2 = site.world.hosts.get(input.route.target);
    h2?.guests.set(uuid, { ...guest, reason: 'postcopy', isPersistent: false });
    const sending = setInterval(() => {
      const job = site.world.jobs.get(uuid);
      const sent = (job?.progress.processedBytes ?? 0) + 1;
      Object.assign(job ?? {}, { progress: { ...job?.progress, processedBytes: sent } });
    }, 50);
    setTimeout(() => {
      clearInterval(sending);
      site.world.jobs.get(uuid)?.finish();
    }, 2500);
  };

  const { outcome } = await migrate(site, {
    onInput: (step, input) => (step === 'transfer.run' ? begin(input as never) : undefined),
  });

  expect(outcome).toMatchObject({ value: { outcome: 'moved' } });
  expect(site.faults.calls.filter((call) => call.includes('resumePostCopy'))).toEqual([]);
});
