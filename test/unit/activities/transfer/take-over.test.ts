/** A transfer that a former worker began. */
import type { z } from 'zod';
import { Confidential } from '../../../../model/confidential.js';
import { specOf } from '../../../../activities/transfer/spec.js';
import { transfer } from '../../../../workflows/steps/transfer.js';
import { buildSite, endsOfMove, migrate } from '../../../helpers/fake-migration.js';
import { virtualClock } from '../../../helpers/virtual-clock.js';

/** With the tap that its port has on the target. */
const asSent = (xml: string): string => xml.replace('vnet1', 'dr525400770001');

it('that has switched to post-copy is followed to its end, though an abort came before its first look', async () => {
  const site = await buildSite(['shared']);
  const { source, target, guest } = await endsOfMove(site.world);
  const clock = virtualClock();
  const begin = (input: z.output<typeof transfer.input>) => {
    site.world.transfer = 'runs';
    const ended = source.hypervisor.startTransfer(
      input.route.uuid,
      specOf(input, { target }, new Confidential(asSent(guest.xml))),
    );
    ended.catch(() => undefined); // The former worker is gone.
    Object.assign(guest, { state: 'paused', reason: 'postcopy' });
    clock.at(clock.nowMs() + 500, () => {
      Object.assign(guest, { reason: 'other' });
      site.world.jobs.get(input.route.uuid)?.finish();
    });
  };

  const { outcome } = await migrate(site, {
    clock,
    cancelAt: { step: 'transfer.run', when: 'during' },
    onInput: (step, input) =>
      step === 'transfer.run' ? begin(transfer.input.parse(input)) : undefined,
  });

  expect(outcome).toMatchObject({ value: { outcome: 'moved' } });
  expect(site.world.splitBrains).toEqual([]);
});

it('that libvirt has lost sight of is not resumed while QEMU sends on: libvirt would miss its end', async () => {
  const site = await buildSite(['shared']);
  const { source, target, guest } = await endsOfMove(site.world);
  const clock = virtualClock();
  const begin = (input: z.output<typeof transfer.input>) => {
    const { uuid } = input.route;
    site.world.transfer = 'runs';
    source.hypervisor
      .startTransfer(uuid, specOf(input, { target }, new Confidential(asSent(guest.xml))))
      .catch(() => undefined);
    Object.assign(guest, { state: 'paused', reason: 'postcopyFailed' });
    const h2 = site.world.hosts.get(input.route.target);
    const xml = asSent(guest.xml);
    h2?.guests.set(uuid, { ...guest, xml, reason: 'postcopy', isPersistent: false });
    const send = () => {
      const job = site.world.jobs.get(uuid);
      const sent = (job?.progress.processedBytes ?? 0) + 1;
      Object.assign(job ?? {}, { progress: { ...job?.progress, processedBytes: sent } });
    };
    for (let ms = 50; ms < 20_000; ms += 50) clock.at(clock.nowMs() + ms, send);
    clock.at(clock.nowMs() + 20_000, () => site.world.jobs.get(uuid)?.finish());
  };

  const { outcome } = await migrate(site, {
    clock,
    onInput: (step, input) =>
      step === 'transfer.run' ? begin(transfer.input.parse(input)) : undefined,
  });

  expect(outcome).toMatchObject({ value: { outcome: 'moved' } });
  expect(site.faults.calls.filter((call) => call.includes('resumePostCopy'))).toEqual([]);
});
