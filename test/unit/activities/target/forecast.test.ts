/** What is foreseen of a transfer where the guest's writing cannot be measured. */
import { forecastOf } from '../../../../activities/target/forecast.js';
import { CodedError } from '../../../../model/errors.js';
import { HostName } from '../../../../model/ids.js';
import { TransferOptions } from '../../../../model/migration.js';
import { buildSite } from '../../../helpers/fake-migration.js';

async function foreseen(failure: CodedError) {
  const { deps, inventory } = await buildSite([]);
  const [source, target] = await Promise.all(
    ['h1', 'h2'].map((name) => deps.dataCentre.on(HostName.parse(name))),
  );
  const [vm] = await inventory.vms();
  if (!source || !target || !vm) throw new Error('the world has no guest on h1');
  const hypervisor = { ...source.hypervisor, dirtyRate: () => Promise.reject(failure) };
  return forecastOf({ ...source, hypervisor }, target, vm, [], asked, true);
}
const asked = TransferOptions.parse({});

it('is the length of one pass if QEMU on the source cannot measure', async () => {
  const tooOld = new CodedError('LIBVIRT_FAILED', 'the command calc-dirty-rate is not known');

  expect(await foreseen(tooOld)).toMatchObject({
    verdict: 'converges',
    explanation: expect.stringMatching(/the dirty rate was not measured/) as string,
  });
});

it('is asked for again if the source cannot be reached', async () => {
  const gone = new CodedError('HOST_UNREACHABLE', 'no route to h1');

  await expect(foreseen(gone)).rejects.toBe(gone);
});
