/** Hosts that reach each other by IPv6 only (G42): memory, disks and libvirt's own connection go that way. */
import { GUEST } from '../../lab/framework/guest.js';
import { hostOf, leftoversOf } from '../../lab/guests.js';
import { labHost } from '../../lab/site.js';
import {
  closeLab,
  connectLab,
  moveTo,
  startCold,
  untilUnconfirmed,
  type Lab,
} from '../helpers/lab.js';

jest.setTimeout(120_000);

const { vm } = GUEST.blk1;
let lab: Lab;
beforeAll(async () => {
  lab = await connectLab();
  for (const [name, address] of [
    ['h1', 'fd77::11'],
    ['h2', 'fd77::12'],
  ] as const) {
    const { migrationAddress: _v4, ...record } = labHost(name);
    await lab.inventory.putHost({ ...record, libvirtUri: `qemu+tcp://[${address}]/system` });
  }
});
afterAll(() => closeLab(lab));

it('a guest with a local disk moves live there and back', async () => {
  await moveTo(lab, vm, 'h2');
  expect(await hostOf(vm)).toBe('h2');
  await moveTo(lab, vm, 'h1');
  expect(Object.keys((await leftoversOf(vm))['h2'] ?? {})).toEqual([]);
});

it('its disk is copied cold, encrypted and then plain', async () => {
  for (const [target, isEncrypted] of [
    ['h2', true],
    ['h1', false],
  ] as const) {
    const migration = await startCold(lab, vm, target, { isEncrypted });
    await untilUnconfirmed(migration);
    await migration.confirm({ by: 'test', reason: 'lab test' });
    await migration.result();
    expect(await hostOf(vm)).toBe(target);
  }
});
