/** What every hypervisor promises of definitions. */
import { Confidential } from '../../../model/confidential.js';
import { NOBODY, NO_DOMAIN, REFUSED, type OpenedGuest } from './fresh.js';

const titleIn = (xml: string): string | undefined => /<title>(.*)<\/title>/.exec(xml)?.[1];

/** Declares the tests. */
export function describeDefinitions(at: OpenedGuest): void {
  const define = (more: Parameters<typeof at.guest.xml>[0]) =>
    at.near.define(new Confidential(at.guest.xml(more)));
  const titles = async () => ({
    live: titleIn(await at.near.xml(at.uuid, 'live')),
    inactive: titleIn(await at.near.xml(at.uuid, 'inactive')),
    migratable: titleIn((await at.near.secretXml(at.uuid, 'migratable')).reveal()),
    definition: titleIn((await at.near.secretXml(at.uuid, 'definition')).reveal()),
  });

  it('both views are without secrets, and both for hosts are with them', async () => {
    await at.near.start(at.uuid, { isPaused: false });

    for (const view of ['live', 'inactive'] as const)
      expect(await at.near.xml(at.uuid, view)).not.toContain('secret91');
    for (const view of ['migratable', 'definition'] as const)
      expect((await at.near.secretXml(at.uuid, view)).reveal()).toContain('secret91');
  });

  it('defined twice is defined once', async () => {
    await define({});

    expect((await at.near.guests()).filter(({ uuid }) => uuid === at.uuid)).toHaveLength(1);
  });

  it('a new definition of a guest that is off counts at once', async () => {
    await define({ title: 'second' });

    expect(await titles()).toEqual({
      live: 'second',
      inactive: 'second',
      migratable: 'second',
      definition: 'second',
    });
  });

  it('a new definition of a running guest counts from its next start on', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    await define({ title: 'second' });

    expect(await titles()).toEqual({
      live: 'first',
      inactive: 'second',
      migratable: 'first',
      definition: 'second',
    });
    await at.near.destroy(at.uuid);
    expect((await titles()).live).toBe('second');
  });

  it('changes a definition where it is, and its secrets stay', async () => {
    await at.near.redefine(at.uuid, (xml) => xml.replace('first', 'changed'));

    const { definition } = await titles();
    expect(definition).toBe('changed');
    expect((await at.near.secretXml(at.uuid, 'definition')).reveal()).toContain('secret91');
  });

  it.each([
    ['that is no XML', () => '<domain'],
    ['of another guest under the same name', () => at.guest.xml().replace(at.uuid, NOBODY)],
    ['of the same guest under another name', () => at.guest.xml({ name: 'suite-other' })],
  ])('refuses a definition %s, and keeps what it has', async (_case, xml) => {
    await expect(at.near.define(new Confidential(xml()))).rejects.toMatchObject(REFUSED);

    expect(await at.near.find(at.uuid)).toMatchObject({ name: at.guest.name });
    expect(await at.near.find(NOBODY)).toBeUndefined();
  });

  it('has no definition of what is not there', async () => {
    const { near } = at;
    await expect(near.xml(NOBODY, 'live')).rejects.toMatchObject(NO_DOMAIN);
    await expect(near.secretXml(NOBODY, 'definition')).rejects.toMatchObject(NO_DOMAIN);
    await expect(near.redefine(NOBODY, (xml) => xml)).rejects.toMatchObject(NO_DOMAIN);
    await expect(near.isAutostart(NOBODY)).rejects.toMatchObject(NO_DOMAIN);
    await expect(near.setAutostart(NOBODY, true)).rejects.toMatchObject(NO_DOMAIN);
  });

  it('sets and clears autostart, again and again, and a new definition changes nothing of it', async () => {
    expect(await at.near.isAutostart(at.uuid)).toBe(false);
    await at.near.setAutostart(at.uuid, true);
    await at.near.setAutostart(at.uuid, true);
    await define({ title: 'second' });
    expect(await at.near.isAutostart(at.uuid)).toBe(true);
    await at.near.setAutostart(at.uuid, false);
    await at.near.setAutostart(at.uuid, false);
    expect(await at.near.isAutostart(at.uuid)).toBe(false);
  });

  it('forgets a guest that is off, and forgets it again; its disk stays', async () => {
    await at.near.setAutostart(at.uuid, true);
    await at.near.undefine(at.uuid, []);
    await at.near.undefine(at.uuid, []);

    expect(await at.near.find(at.uuid)).toBeUndefined();
    expect(await at.site.near.storage.files.existing([at.guest.disk])).toEqual([at.guest.disk]);
    await define({});
    expect(await at.near.isAutostart(at.uuid)).toBe(false);
  });

  it('a running guest without a definition has no autostart, and is gone when it ends', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    await at.near.undefine(at.uuid, []);

    expect(await at.near.find(at.uuid)).toMatchObject({ state: 'running', isPersistent: false });
    await expect(at.near.setAutostart(at.uuid, true)).rejects.toMatchObject(REFUSED);
    await at.near.destroy(at.uuid);
    expect(await at.near.find(at.uuid)).toBeUndefined();
  });
}
