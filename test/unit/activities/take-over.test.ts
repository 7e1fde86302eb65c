/** A transfer that a former worker began. */
import type { z } from 'zod';
import { specOf } from '../../../activities/transfer/run.js';
import { fakeDataCentre } from '../../../drivers/fake/data-centre.js';
import { HostName } from '../../../model/ids.js';
import type { transfer } from '../../../workflows/steps/transfer.js';
import { buildSite, migrate } from '../../helpers/fake-migration.js';

it('that has switched to post-copy is followed to its end, though an abort came before its first look', async () => {
  const site = await buildSite(['shared']);
  const hosts = fakeDataCentre(site.world);
  const [source, target] = await Promise.all([
    hosts.on(HostName.parse('h1')),
    hosts.on(HostName.parse('h2')),
  ]);
  const begin = (input: z.output<typeof transfer.input>) => {
    site.world.transfer = 'runs';
    const ended = source.hypervisor.startTransfer(input.route.uuid, specOf(input, { target }));
    ended.catch(() => undefined); // The former worker is gone.
    const guest = site.world.hosts.get(source.host.name)?.guests.get(input.route.uuid);
    Object.assign(guest ?? {}, { state: 'paused', reason: 'postcopy' });
    setTimeout(() => {
      Object.assign(guest ?? {}, { reason: 'other' });
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
