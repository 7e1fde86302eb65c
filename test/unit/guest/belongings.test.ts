/** The list of what belongs to a guest names steps; they must be there, and in the runbook that is meant. */
import { BELONGINGS, filesOfGuest, type Belonging } from '../../../guest/belongings.js';
import { coldMigrationSteps } from '../../../workflows/runbooks/cold-migration.js';
import { liveMigrationSteps } from '../../../workflows/runbooks/live-migration.js';
import { Vm } from '../../../model/vm.js';
import type { Step } from '../../../workflows/kit/step.js';

const namesOf = (steps: readonly Step[]) => steps.map(({ name }) => name);
const live = namesOf(liveMigrationSteps);
const cold = namesOf(coldMigrationSteps);
const rows: [string, Belonging][] = Object.entries(BELONGINGS);
const before = (pivot: string, steps: readonly string[]) => steps.slice(0, steps.indexOf(pivot));

describe.each(rows)('%s', (_name, { steps, live: ofLive, cold: ofCold }) => {
  it('is found before anything is changed', () => {
    for (const step of steps.found)
      expect([...before('network.bindTarget', live), 'definition.render']).toContain(step);
  });

  it('is brought by steps of the runbook, or nothing is promised', () => {
    expect(live).toEqual(expect.arrayContaining([...steps.live]));
    expect(cold).toEqual(expect.arrayContaining([...steps.cold]));
    for (const [words, by] of [
      [ofLive, steps.live],
      [ofCold, steps.cold],
    ] as const)
      if (by.length === 0) expect(words).toMatch(/refused|not brought|stays|is off|the same/);
  });

  it('is set aside or removed by steps of one of them, the removal last', () => {
    for (const step of steps.afterwards) expect([...live, ...cold]).toContain(step);
    for (const step of steps.afterwards.filter((name) => name.startsWith('source.')))
      expect([before(step, live), before(step, cold)]).toContainEqual(
        expect.arrayContaining([step === 'source.destroy' ? 'guest.locate' : 'guest.confirm']),
      );
  });
});

/** A guest of one disk. */
const ANY = {
  uuid: '11111111-1111-4111-8111-111111111111',
  name: 'vm1',
  project: 'default',
  host: 'h1',
  state: 'shutoff',
  memoryBytes: 1,
  vcpus: 1,
  arch: 'x86_64',
  machine: 'q35',
  virtType: 'kvm',
  emulator: '/usr/bin/qemu',
  cpuXml: '',
  isAutostart: false,
  disks: [
    {
      device: 'vda',
      source: { kind: 'file', path: '/srv/vm1.img' },
      format: 'raw',
      isReadOnly: false,
    },
  ],
  ports: [],
};

it('the audit looks beside every file that a guest’s record names: disks, variables, TPM state, memory of snapshots', () => {
  const vm = Vm.parse({
    ...ANY,
    nvram: '/var/lib/libvirt/qemu/nvram/vm1_VARS.fd',
    tpm: { stateFolder: '/var/lib/libvirt/swtpm/11111111-1111-4111-8111-111111111111/tpm2' },
    snapshotFiles: ['/srv/snapshots/vm1.mem'],
  });

  expect(filesOfGuest(vm)).toEqual([
    '/srv/vm1.img',
    '/var/lib/libvirt/qemu/nvram/vm1_VARS.fd',
    '/var/lib/libvirt/swtpm/11111111-1111-4111-8111-111111111111/tpm2/state',
    '/srv/snapshots/vm1.mem',
  ]);
});
