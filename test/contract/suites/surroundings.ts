/** What every host says of what surrounds its guests. */
import type { OpenedSite } from './fresh.js';

/** Declares the tests. */
export function describeSurroundings(at: OpenedSite): void {
  it('tells its addresses with their networks, and who listens', async () => {
    const { addresses, listening } = await at.site.far.surroundings.look();

    expect(addresses).toContainEqual({
      address: at.site.answering.address,
      prefixLength: 24,
    });
    expect(listening).toContain(at.site.answering.port);
    expect(listening).not.toContain(at.site.silent.port);
  });

  it('tells huge pages by their size', async () => {
    const { hugePages, defaultHugePageKib } = await at.site.far.surroundings.look();

    expect(hugePages.map(({ sizeKib }) => sizeKib)).toContain(defaultHugePageKib);
    for (const { free } of hugePages) expect(free).toBeGreaterThanOrEqual(0);
  });

  it('tells what it has of the commands and folders that it is asked for, and its clock', async () => {
    const commands = ['qemu-img', 'nft', 'no-such-command'];
    const folders = [at.site.folder, '/no/such/folder'];
    const { far, answering } = at.site;

    const seen = await far.surroundings.equipment({
      commands,
      folders,
      address: answering.address,
    });

    expect(seen.commands).toEqual(['qemu-img', 'nft']);
    expect(seen.folders).toEqual([at.site.folder]);
    expect(seen.hasBridgeRules).toBe(true);
    expect(Math.abs(seen.clockMs - Date.now())).toBeLessThan(5_000);
    expect(seen.certificates.files).toContain('server-cert.pem');
    expect(seen.certificates).toMatchObject({ isEnding: false, isForAnother: false });
  });

  it('reaches another host’s libvirt by its URI, or says why not', async () => {
    const { near, far } = at.site;

    expect(await near.hypervisor.reach(far.host.libvirtUri)).toEqual({ is: 'reached' });
    expect(await near.hypervisor.reach('qemu+tcp://127.0.0.1:9/system')).toMatchObject({
      is: 'refused',
      why: expect.stringMatching(/./) as string,
    });
  });

  it('lists libvirt’s network filters', async () => {
    const { virsh, near } = at.site;
    await virsh.defineFilter('drover-suite');
    try {
      expect(await near.hypervisor.nwfilters()).toContain('drover-suite');
    } finally {
      await virsh.undefineFilter('drover-suite');
    }
    expect(await near.hypervisor.nwfilters()).not.toContain('drover-suite');
  });
}
