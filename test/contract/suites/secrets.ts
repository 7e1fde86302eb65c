/** What every hypervisor promises of secrets. */
import { MigrationId } from '../../../model/ids.js';
import type { SecretRef } from '../../../model/secret.js';
import type { HostSecret } from '../../../drivers/interfaces/hypervisor/secrets.js';
import { Confidential } from '../../../model/confidential.js';
import type { OpenedGuest } from './fresh.js';

const UUID = '77000000-0000-4000-8000-00000000c0de';
const FOR = '/srv/suite & key';
const OWNER = MigrationId.parse('11111111-aaaa-4aaa-8aaa-111111111111');
const OTHER = MigrationId.parse('22222222-aaaa-4aaa-8aaa-222222222222');
const BY_UUID: SecretRef = { usage: 'volume', by: { uuid: UUID } };
const BY_USAGE: SecretRef = { usage: 'volume', by: { id: FOR } };
const xml = (isPrivate = 'no') =>
  `<secret ephemeral='no' private='${isPrivate}'><description>of the suite</description><uuid>${UUID}</uuid><usage type='volume'><volume>/srv/suite &amp; key</volume></usage></secret>`;

const valueOf = (secret: HostSecret | undefined): string | undefined =>
  secret?.value instanceof Confidential
    ? Buffer.from(secret.value.reveal(), 'base64').toString()
    : secret?.value;

/** Declares the tests. */
export function describeSecrets(at: OpenedGuest): void {
  const forget = async () => {
    if (await at.near.secret(BY_UUID)) await at.site.virsh.undefineSecret(UUID);
    await at.far.forgetSecret(BY_UUID, OWNER);
  };
  beforeEach(forget);
  afterEach(forget);

  it('none, where there is none', async () => {
    expect(await at.near.secret(BY_UUID)).toBeUndefined();
    expect(await at.near.secret(BY_USAGE)).toBeUndefined();
    await expect(at.near.forgetSecret(BY_UUID, OWNER)).resolves.toBeUndefined();
    await expect(at.near.keepSecret(BY_UUID, OWNER)).resolves.toBeUndefined();
  });

  it('by UUID and by what it is for, with its value, without one, or private', async () => {
    await at.site.virsh.defineSecret(xml());
    expect(valueOf(await at.near.secret(BY_UUID))).toBe('none');

    await at.site.virsh.defineSecret(xml(), 'pässword');
    expect(valueOf(await at.near.secret(BY_UUID))).toBe('pässword');
    expect(valueOf(await at.near.secret(BY_USAGE))).toBe('pässword');

    await at.site.virsh.undefineSecret(UUID);
    await at.site.virsh.defineSecret(xml('yes'), 'hidden');
    expect(valueOf(await at.near.secret(BY_UUID))).toBe('private');
  });

  it('brought to another host, again, and taken back by who has brought it only', async () => {
    await at.site.virsh.defineSecret(xml(), 'key');
    const here = await at.near.secret(BY_UUID);
    const bring = () => at.far.bringSecret(here?.xml ?? '', here?.value as Confidential, OWNER);
    await bring();
    await bring();

    expect(await at.far.secret(BY_USAGE)).toMatchObject({ uuid: UUID, broughtBy: OWNER });
    expect((await at.far.broughtSecrets()).map(({ uuid }) => uuid)).toEqual([UUID]);
    expect(valueOf(await at.far.secret(BY_UUID))).toBe('key');
    await at.far.forgetSecret(BY_UUID, OTHER);
    expect(await at.far.secret(BY_UUID)).toBeDefined();
    await at.far.forgetSecret(BY_UUID, OWNER);
    expect(await at.far.secret(BY_UUID)).toBeUndefined();
  });

  it('stays for good, under its own description, once it is kept', async () => {
    await at.near.bringSecret(xml(), new Confidential('a2V5'), OWNER);
    await at.near.keepSecret(BY_UUID, OWNER);
    await at.near.forgetSecret(BY_UUID, OWNER);

    const kept = await at.near.secret(BY_UUID);
    expect(kept?.broughtBy).toBeUndefined();
    expect(kept?.xml).toContain('<description>of the suite</description>');
    expect(valueOf(kept)).toBe('key');
  });
}
