/** What every hypervisor promises of transfers. */
import type { TransferSpec } from '../../../drivers/interfaces/hypervisor/transfers.js';
import { diskAt } from './guest.js';
import { NOBODY, NO_DOMAIN, REFUSED, type OpenedGuest } from './fresh.js';
import { LIKE, MINE } from './site.js';

const WEB = { name: 'web', ingress: [] };

/** Declares the tests. */
export function describeTransfers(at: OpenedGuest): void {
  const spec = async (targetUri: string): Promise<TransferSpec> => ({
    targetUri,
    liveXml: await at.near.secretXml(at.uuid, 'migratable'),
    copiedDevices: ['vda'],
    isSharingProved: true,
    isPostCopyAllowed: false,
    isAutoConverge: false,
    isEncrypted: false,
    parallelConnections: 1,
    firstDowntimeMs: 300,
  });

  it('there is none, running or completed, and none to abort', async () => {
    for (const uuid of [at.uuid, NOBODY]) {
      expect(await at.near.job(uuid)).toBeUndefined();
      expect(await at.near.completedJob(uuid)).toBeUndefined();
      await expect(at.near.abortJob(uuid)).resolves.toBeUndefined();
    }
    await at.near.start(at.uuid, { isPaused: false });
    expect(await at.near.job(at.uuid)).toBeUndefined();
    expect(await at.near.completedJob(at.uuid)).toBeUndefined();
    await expect(at.near.abortJob(at.uuid)).resolves.toBeUndefined();
  });

  it('none is steered where none is', async () => {
    await expect(at.near.setMaxDowntime(at.uuid, 300)).rejects.toMatchObject(REFUSED);
    await at.near.start(at.uuid, { isPaused: false });
    await expect(at.near.startPostCopy(at.uuid)).rejects.toMatchObject(REFUSED);
    await expect(at.near.setMaxDowntime(NOBODY, 300)).rejects.toMatchObject(NO_DOMAIN);
    await expect(at.near.startPostCopy(NOBODY)).rejects.toMatchObject(NO_DOMAIN);
  });

  it('one to nowhere fails, and the guest runs on', async () => {
    await at.near.start(at.uuid, { isPaused: false });
    const nowhere = await spec('qemu+tcp://127.0.0.1:1/system');

    await expect(at.near.startTransfer(at.uuid, nowhere)).rejects.toMatchObject(REFUSED);
    expect(await at.near.find(at.uuid)).toMatchObject({ state: 'running', reason: 'other' });
    expect(await at.near.completedJob(at.uuid)).toBeUndefined();
  });

  it('one to a host without its disk fails, and the guest runs on', async () => {
    const { network, host } = at.site.far;
    await at.near.start(at.uuid, { isPaused: false });
    await network.bind([at.guest.port], [WEB]);

    const there = await spec(host.libvirtUri);
    await expect(at.near.startTransfer(at.uuid, there)).rejects.toMatchObject(REFUSED);
    expect(await at.near.find(at.uuid)).toMatchObject({ state: 'running', reason: 'other' });
    expect(await at.far.find(at.uuid)).toBeUndefined();
    await network.unbind([at.guest.port]);
  });

  it('a good one leaves the guest off here and running there, not defined yet', async () => {
    const { network, storage, host } = at.site.far;
    await at.near.start(at.uuid, { isPaused: false });
    await storage.files.makeDisk(diskAt(at.guest.disk), MINE, LIKE);
    await network.bind([at.guest.port], [WEB]);

    await at.near.startTransfer(at.uuid, await spec(host.libvirtUri));

    expect(await at.near.find(at.uuid)).toMatchObject({ state: 'shutoff', isPersistent: true });
    expect(await at.far.find(at.uuid)).toMatchObject({ state: 'running', isPersistent: false });
    expect(await at.near.job(at.uuid)).toBeUndefined();
    expect(await at.near.completedJob(at.uuid)).toMatchObject({ remainingBytes: 0 });
    await at.far.define(await at.near.secretXml(at.uuid, 'definition'));
    expect(await at.far.find(at.uuid)).toMatchObject({ state: 'running', isPersistent: true });
    await at.far.destroy(at.uuid);
    await network.unbind([at.guest.port]);
  });
}
