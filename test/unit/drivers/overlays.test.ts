/** Taking a warm copy's overlays off again, against a libvirtd in memory that keeps libvirt's order of events. */
import { commitOverlays, type DiskAccess } from '../../../drivers/libvirt/overlays.js';
import { LibvirtError } from '../../../drivers/libvirt/errors.js';
import { PROC } from '../../../drivers/libvirt/rpc/protocol.js';
import { XdrReader, XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { HostPath, VmUuid } from '../../../model/ids.js';

const uuid = VmUuid.parse('6b2f7a54-3f0c-4d5e-9a37-0e3c8e1f0001');
const overlay = HostPath.parse('/images/blk1/vda.qcow2.warm');
const base = HostPath.parse('/images/blk1/vda.qcow2');
const BLOCK_COPY_ACTIVE = 83;

/** A domain whose commit needs `rounds` looks at it before libvirt lets it pivot; its counters say at once that all is done. */
function domain({ rounds = 3, isFailing = false, hasJob = false } = {}) {
  const state = { file: overlay, looks: 0, hasJob, commits: 0, pivots: 0 };
  const isReady = () => state.looks > rounds;
  const access: DiskAccess = {
    refOf: () => Promise.resolve({ name: 'blk1', uuid: Buffer.alloc(16), id: 1 }),
    liveXml() {
      if (state.hasJob) state.looks++;
      const ready = isReady() ? " ready='yes'" : '';
      const mirror = state.hasJob ? `<mirror type='file' job='active-commit'${ready}/>` : '';
      return Promise.resolve(
        `<domain type='qemu'><name>blk1</name><uuid>${uuid}</uuid><memory unit='KiB'>131072</memory><vcpu>1</vcpu>
        <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
        <disk type='file' device='disk'><driver type='qcow2'/><source file='${state.file}'/>${mirror}<target dev='vda'/></disk>
        </devices></domain>`,
      );
    },
    call(procedure) {
      if (procedure === PROC.blockCommit) {
        state.commits++;
        state.hasJob = !isFailing;
      }
      if (procedure === PROC.blockJobAbort) {
        if (!isReady())
          return Promise.reject(
            new LibvirtError('h1', BLOCK_COPY_ACTIVE, 10, 'not ready for pivot yet'),
          );
        Object.assign(state, { pivots: state.pivots + 1, hasJob: false, file: base });
      }
      const info = new XdrWriter().int(1).int(4).uhyper(0).uhyper(100).uhyper(100);
      return Promise.resolve(new XdrReader(info.bytes()));
    },
  };
  return { state, access };
}
const commit = ({ access }: ReturnType<typeof domain>) =>
  commitOverlays(access, uuid, [{ device: 'vda', base, overlay }], () => Promise.resolve());

describe('taking an overlay off a running guest’s disk', () => {
  it('waits until libvirt itself says that the job is ready, though QEMU’s counters are complete', async () => {
    const guest = domain({ rounds: 4 });
    await commit(guest);
    expect(guest.state).toMatchObject({ file: base, commits: 1, pivots: 1 });
  });

  it('goes on with a commit that an earlier attempt began', async () => {
    const guest = domain({ hasJob: true });
    await commit(guest);
    expect(guest.state).toMatchObject({ file: base, commits: 0, pivots: 1 });
  });

  it('says so when the job fails, and does not begin it for ever', async () => {
    const guest = domain({ isFailing: true });
    await expect(commit(guest)).rejects.toMatchObject({ code: 'LIBVIRT_FAILED' });
    expect(guest.state).toMatchObject({ file: overlay, commits: 1 });
  });
});
