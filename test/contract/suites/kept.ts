/** What every hypervisor promises of what libvirt keeps beside a definition. */
import { Confidential } from '../../../model/confidential.js';
import type { Attached } from '../../../drivers/interfaces/hypervisor/definitions.js';
import { NOBODY, NO_DOMAIN, REFUSED, type OpenedGuest } from './fresh.js';

const NOTHING = { hasManagedSave: false, snapshots: [], checkpoints: [] };
const ALL_BUT_CHECKPOINTS: readonly Attached[] = ['managed save', 'snapshots', 'TPM state'];
const TPM = `<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>`;

/** Declares the tests. */
export function describeKept(at: OpenedGuest): void {
  it('nothing, of a guest that has nothing', async () => {
    expect(await at.near.kept(at.uuid)).toEqual(NOTHING);
    expect(await at.near.snapshots(at.uuid)).toEqual([]);
    await expect(at.near.defineSnapshots(at.uuid, [])).resolves.toBeUndefined();
  });

  it('nothing that could be asked for without a guest', async () => {
    await expect(at.near.kept(NOBODY)).rejects.toMatchObject(NO_DOMAIN);
    await expect(at.near.snapshots(NOBODY)).rejects.toMatchObject(NO_DOMAIN);
    await expect(at.near.defineSnapshots(NOBODY, [])).rejects.toMatchObject(NO_DOMAIN);
  });

  it('snapshots: named in the order of the alphabet, handed out each after its parent', async () => {
    await at.site.virsh.snapshot(at.uuid, 'older');
    await at.site.virsh.snapshot(at.uuid, 'newer');

    expect((await at.near.kept(at.uuid)).snapshots).toEqual([
      { name: 'newer', isExternal: false },
      { name: 'older', isExternal: false },
    ]);
    const found = await at.near.snapshots(at.uuid);
    expect(found.map(({ name, isCurrent }) => ({ name, isCurrent }))).toEqual([
      { name: 'older', isCurrent: false },
      { name: 'newer', isCurrent: true },
    ]);
  });

  it('snapshots that are made known again, and once more', async () => {
    await at.site.virsh.snapshot(at.uuid, 'older');
    await at.site.virsh.snapshot(at.uuid, 'newer');
    const known = await at.near.snapshots(at.uuid);
    await at.near.undefine(at.uuid, ['snapshots']);
    await at.near.define(new Confidential(at.guest.xml()));
    expect(await at.near.kept(at.uuid)).toEqual(NOTHING);

    await at.near.defineSnapshots(at.uuid, known.slice(0, 1));
    await at.near.defineSnapshots(at.uuid, known);
    await at.near.defineSnapshots(at.uuid, known);

    const names = (snapshots: typeof known) =>
      snapshots.map(({ name, isCurrent }) => ({ name, isCurrent }));
    expect(names(await at.near.snapshots(at.uuid))).toEqual(names(known));
    expect((await at.near.kept(at.uuid)).snapshots).toHaveLength(2);
  });

  const refusesUnless = async (what: Attached) => {
    await expect(at.near.undefine(at.uuid, [])).rejects.toMatchObject(REFUSED);
    expect(await at.near.find(at.uuid)).toMatchObject({ isPersistent: true });

    await at.near.undefine(at.uuid, [what]);
    expect(await at.near.find(at.uuid)).toBeUndefined();
    await at.near.define(new Confidential(at.guest.xml()));
    expect(await at.near.kept(at.uuid)).toEqual(NOTHING);
  };

  it('a snapshot, which is lost only by name', async () => {
    await at.site.virsh.snapshot(at.uuid, 'before');

    await refusesUnless('snapshots');
  });

  it('a saved memory, which is lost only by name', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    await at.site.virsh.saveMemory(at.uuid);
    expect(await at.near.kept(at.uuid)).toEqual({ ...NOTHING, hasManagedSave: true });

    await refusesUnless('managed save');
  });

  it('a saved memory, which is used up by the next start', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    await at.site.virsh.saveMemory(at.uuid);
    await at.near.start(at.uuid, { isPaused: false });

    expect(await at.near.find(at.uuid)).toMatchObject({ state: 'running' });
    expect(await at.near.kept(at.uuid)).toEqual(NOTHING);
  });

  const withCheckpoints = async (...names: string[]) => {
    await at.near.start(at.uuid, { isPaused: false });
    for (const name of names) await at.site.virsh.checkpoint(at.uuid, name);
    await at.near.destroy(at.uuid);
  };

  it('a checkpoint, which is lost only by name', async () => {
    await withCheckpoints('backup');
    await expect(at.near.undefine(at.uuid, ALL_BUT_CHECKPOINTS)).rejects.toMatchObject(REFUSED);
    expect(await at.near.kept(at.uuid)).toEqual({ ...NOTHING, checkpoints: ['backup'] });

    await refusesUnless('checkpoints');
  });

  it('checkpoints that are made known again, and once more, each after its parent', async () => {
    await withCheckpoints('older', 'newer');
    const known = await at.near.checkpoints(at.uuid);
    expect(known.map(({ name }) => name)).toEqual(['older', 'newer']);
    await at.near.undefine(at.uuid, ['checkpoints']);
    await at.near.define(new Confidential(at.guest.xml()));
    expect(await at.near.checkpoints(at.uuid)).toEqual([]);

    await at.near.defineCheckpoints(at.uuid, known);
    await at.near.defineCheckpoints(at.uuid, known);

    expect((await at.near.checkpoints(at.uuid)).map(({ name }) => name)).toEqual([
      'older',
      'newer',
    ]);
  });

  it('the state of a TPM, which is lost only by name and else stays without a word', async () => {
    const state = `/var/lib/libvirt/swtpm/${at.uuid}/tpm2/tpm2-00.permall`;
    const stays = async () => (await at.site.near.storage.files.look([state]))[0]?.kind === 'file';
    const withTpm = new Confidential(at.guest.xml({ beside: TPM }));
    await at.near.define(withTpm);
    await at.site.write(at.site.near, state, 'keys');

    await at.near.undefine(at.uuid, []);
    expect(await stays()).toBe(true);

    await at.near.define(withTpm);
    await at.near.undefine(at.uuid, ['TPM state']);
    expect(await stays()).toBe(false);
  });
}
