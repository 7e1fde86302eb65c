/** A host that is not registered leaves no trace in the inventory. */
import { CodedError, type ErrorCode } from '../../model/errors.js';
import { Host } from '../../model/host.js';
import { HostName } from '../../model/ids.js';
import { hostOf } from '../../drivers/fake/world.js';
import { buildSite } from '../helpers/fake-migration.js';
import { codeNamed, contextOn } from '../helpers/memory-engine.js';

/** Registers h1, or a host that is new, which answers with that error. */
async function registering(code: ErrorCode, name: string) {
  const site = await buildSite(['shared']);
  const { record } = hostOf(site.world, HostName.parse('h1'));
  const dataCentre = {
    ...site.deps.dataCentre,
    on: () => Promise.reject(new CodedError(code, 'it says no')),
  };
  const before = await site.inventory.hosts();
  const deps = { ...site.deps, dataCentre };
  const host = Host.parse({ ...record, name, vcpuRatio: 2 });
  const ran = codeNamed('host.register', deps).run({ host }, contextOn());
  const error: unknown = await ran.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, before, after: await site.inventory.hosts() };
}

it.each(['LIBVIRT_FAILED', 'HOST_UNPREPARED', 'BAD_ANSWER', 'SSH_AUTH_REFUSED'] as const)(
  'one that answers %s is refused, and what was there before stays',
  async (code) => {
    for (const name of ['h1', 'new1']) {
      const { error, before, after } = await registering(code, name);

      expect(error).toMatchObject({ code });
      expect(after).toEqual(before);
    }
  },
);

it('one that does not answer is registered, and looked at when it does', async () => {
  const { error, after } = await registering('HOST_UNREACHABLE', 'new1');

  expect(error).toBeUndefined();
  expect(after.map(({ host }) => host.name)).toContain('new1');
});
