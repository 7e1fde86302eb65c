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
