/** The last line of a rollback that a person has chosen. */
import { rolledBackText } from '../../../cli/rolled-back.js';
import type { Discovered } from '../../../client/drover.js';

const WHY = 'dier is off on h1 and absent on h2: it is alive on neither host';
const AT = { vm: 'dier', source: 'h1' };
const HOW = { why: WHY, by: 'eva' };
const hosts = (state?: string) => ({
  discover: (host: string): Promise<Discovered> =>
    Promise.resolve({
      host,
      vms: state === undefined ? [] : [{ name: 'dier', state, tiedBy: [] }],
      passedOver: [],
      remarks: [],
    }),
});

it.each<[string, string | undefined, string]>([
  ['runs', 'running', 'It is on h1 now, running.'],
  ['is off', 'shutoff', 'It is on h1 now, shutoff; to start it: virsh start dier.'],
  ['is not listed', undefined, 'h1 does not list it now: look there (virsh list --all).'],
])('says where a guest that %s is now, before what had been met', async (_how, state, says) => {
  expect(await rolledBackText(hosts(state), 'dier', AT, HOW)).toBe(
    `dier is rolled back. ${says} What the move had met before: ${WHY}`,
  );
});

it('says so if its host cannot be asked', async () => {
  const away = { discover: () => Promise.reject(new Error('away')) };

  expect(await rolledBackText(away, 'dier', AT, HOW)).toMatch(
    /^dier is rolled back\. It belongs to h1 again; how it is there now could not be asked/,
  );
});
