/** Another guest with the same address keeps its rules when one arrives, leaves or fails, also while it is off (G08, F9). */
import { hostOf, type FakeHost } from '../../drivers/fake/world.js';
import { HostName, VmUuid } from '../../model/ids.js';
import { buildSite, migrate, migrateCold } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

const [H1, H2] = [HostName.parse('h1'), HostName.parse('h2')];
const MAC = '52:54:00:77:00:01';

/** A guest called `twin` that is off, with vm1's address; or one that cannot be read. */
function addTwin({ guests }: FakeHost, { isReadable = true } = {}): void {
  const deep = '<a>'.repeat(300) + '</a>'.repeat(300);
  const port = `<devices><interface type='bridge'><mac address='${MAC}'/><source bridge='br0'/></interface></devices>`;
  const xml = `<domain type='kvm'><name>twin</name>${isReadable ? port : deep}</domain>`;
  guests.set(VmUuid.parse('77000000-0000-4000-8000-0000000000ee'), {
    name: 'twin',
    state: 'shutoff',
    isPersistent: true,
    isAutostart: false,
    xml,
    definition: xml,
  });
}

const MOVES = [
  { runbook: 'live', move: migrate },
  { runbook: 'cold', move: migrateCold },
];

it.each(MOVES)(
  'a guest that leaves ($runbook) leaves its rules to one that is off',
  async (one) => {
    const site = await buildSite(['shared']);
    const here = hostOf(site.world, H1);
    addTwin(here);

    const { outcome } = await one.move(site);

    expect(here.bindings.has(MAC)).toBe(true);
    expect(outcome).toMatchObject({
      kind: 'done',
      value: {
        kept: [`the rules of the port ${MAC} (vnet1), since twin there has that address too`],
      },
    });
  },
);

it.each(MOVES)(
  'rules stay while a guest there does not tell its address ($runbook)',
  async (one) => {
    const site = await buildSite(['volume']);
    const here = hostOf(site.world, H1);
    const come = (step: string) => {
      if (step === 'network.releaseSource') addTwin(here, { isReadable: false });
    };

    const { outcome } = await one.move(site, { onInput: come });

    expect(here.bindings.has(MAC)).toBe(true);
    const why = expect.stringMatching(
      /^the rules of the port .*, since what twin uses on h1 cannot be told/,
    ) as string;
    expect(outcome).toMatchObject({ kind: 'done', value: { kept: [why] } });
  },
);

it.each(MOVES)('a move that fails ($runbook) takes no rules from one that is off', async (one) => {
  const site = await buildSite(['shared']);
  const there = hostOf(site.world, H2);
  // It came after the checks, and has its rules from another move.
  const come = (step: string) => {
    const port = hostOf(site.world, H1).bindings.get(MAC)?.port;
    if (step !== 'network.bindTarget' || !port) return;
    addTwin(there);
    there.bindings.set(MAC, { port, state: 'inactive' });
  };

  const { outcome } = await one.move(site, { onInput: come });

  expect(there.bindings.has(MAC)).toBe(true);
  expect(outcome).toMatchObject({
    kind: 'unwound',
    failure: { code: 'BINDING_FAILED' },
    kept: [
      `on h2 stay the rules of the port ${MAC} (vnet1), since twin there has that address too`,
    ],
  });
});

it('a repair takes no rules from a guest that is off, and that the inventory does not know', async () => {
  const site = await buildSite(['shared']);
  const there = hostOf(site.world, H2);
  addTwin(there);
  const port = hostOf(site.world, H1).bindings.get(MAC)?.port;
  if (port) there.bindings.set(MAC, { port, state: 'inactive' });

  const audit = codeNamed('fleet.audit', site.deps);
  const answer = await audit.run({ isRepairing: true }, contextOn());

  expect(there.bindings.has(MAC)).toBe(true);
  expect(answer).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({
        kind: 'binding',
        isRepaired: false,
        hint: expect.stringContaining('since twin there has that address too') as string,
      }),
    ]) as unknown,
  });
});
