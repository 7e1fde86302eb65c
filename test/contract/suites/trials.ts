/** What every hypervisor promises of trying out a definition. */
import { Confidential } from '../../../model/confidential.js';
import type { OpenedGuest } from './fresh.js';

const SCHEMA = {
  of: 'schema',
  words: expect.stringMatching(/^libvirt on .*: XML document failed to validate.*[^\s]$/) as string,
};

/** Declares the tests. */
export function describeTrials(at: OpenedGuest): void {
  const tryOut = (beside: string) => at.far.tryOut(new Confidential(at.guest.xml({ beside })));

  it('takes what could be started there, and nothing is left of it', async () => {
    const before = await at.far.guests();

    expect(await tryOut('')).toEqual([]);
    expect(await tryOut('')).toEqual([]);
    expect(await at.far.guests()).toEqual(before);
    expect(await at.far.find(at.uuid)).toBeUndefined();
  });

  it('needs none of the guest’s files, and makes none', async () => {
    const [disk] = await at.site.far.storage.files.look([at.guest.disk]);

    expect(await tryOut('')).toEqual([]);
    expect(disk?.kind).toBe('absent');
    expect(await at.site.far.storage.files.look([at.guest.disk])).toEqual([disk]);
  });

  it('says what its schema does not have, and would drop', async () => {
    expect(await tryOut('<hologram/>')).toEqual([SCHEMA]);
  });

  it('says at once what cannot be started there and what its schema does not have', async () => {
    const volume = `<disk type='volume' device='disk'><source pool='nowhere' volume='disk'/><target dev='vdz' bus='virtio'/></disk>`;

    expect(await tryOut(`${volume}<hologram/>`)).toEqual([
      { of: 'start', words: expect.stringContaining('pool') as string },
      SCHEMA,
    ]);
  });

  it('takes the guest as it runs', async () => {
    await at.near.start(at.uuid, { isPaused: true });
    const live = await at.near.secretXml(at.uuid, 'migratable');

    expect(await at.far.tryOut(live)).toEqual([]);
  });

  it('takes a guest whose BIOS tells its UUID, as other managers make them', async () => {
    const bios = `<sysinfo type='smbios'><system><entry name='uuid'>${at.uuid}</entry></system></sysinfo>`;
    const xml = at.guest.xml().replace('<os>', `${bios}<os><smbios mode='sysinfo'/>`);

    expect(await at.far.tryOut(new Confidential(xml))).toEqual([]);
  });

  it('forgets a trial, also where there is none', async () => {
    await at.far.forgetTrial(at.uuid);
    await at.far.forgetTrial(at.uuid);
  });
}
