/** What libvirt 11 writes and libvirt 9.0 refuses is left out for it, and for nobody else (G40). */
import { snapshotFor } from '../../../guest/older.js';

const NEW = `<domainsnapshot><name>before</name><domain type='kvm'><os firmware='efi'><type>hvm</type><firmware><feature enabled='no' name='secure-boot'/></firmware><loader readonly='yes' type='pflash' format='raw'>/f</loader><nvram template='/t' templateFormat='raw' format='raw'>/v</nvram></os><devices><watchdog model='itco' action='reset'/><watchdog model='i6300esb'/></devices></domain></domainsnapshot>`;

it('of a snapshot’s definition, for an older one', () => {
  const older = snapshotFor(NEW, 9_000_000);

  expect(older).not.toMatch(/firmware|itco|ormat=/);
  expect(older).toContain('i6300esb');
  expect(older).toMatch(
    /<loader readonly="yes" type="pflash">\/f<\/loader><nvram template="\/t">\/v/,
  );
});

it('as it was, for one that knows it', () => {
  expect(snapshotFor(NEW, 11_003_000).replaceAll('"', "'")).toBe(NEW);
});
