/** libvirt's own networks and storage pools, as far as they say where guests' ports and files are. */
import type { HostNetwork } from '../../model/host-facts.js';
import type { Pool } from '../interfaces/hypervisor/facts.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import type { LibvirtLink } from './link.js';
import { PROC } from './rpc/protocol.js';
import { XdrWriter } from './rpc/xdr.js';
import { all, attributeOf, first, parseXml, rootOf, textOf } from '../../guest/xml/document.js';

type Call = LibvirtLink['call'];

/** Every network of the host; none where libvirt has no driver for them. */
export async function readNetworks(call: Call): Promise<HostNetwork[]> {
  const networks = await listed(call, PROC.listAllNetworks);
  const read = networks.map(async ({ name, body }): Promise<HostNetwork[]> => {
    try {
      const [xml, active] = await Promise.all([
        call(PROC.networkGetXml, body().uint(0)),
        call(PROC.networkIsActive, body()),
      ]);
      return [{ name, isActive: active.int() !== 0, ...networkOf(xml.string()) }];
    } catch (error) {
      // It may vanish between the list and the question.
      if (isLibvirtError(error, VIR_ERR.noNetwork)) return [];
      throw error;
    }
  });
  return (await Promise.all(read)).flat();
}

/**
 * How a network forwards, its portgroups, and the Linux bridge to which it attaches guests: none for passed-through devices,
 * macvtap and other switches.
 * Sample: `<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>`
 */
export function networkOf(xml: string): Pick<HostNetwork, 'bridge' | 'mode' | 'portgroups'> {
  const root = rootOf(parseXml(xml, 'network'));
  const forward = first(root, 'forward');
  const mode = forward ? (forward.getAttribute('mode') ?? 'nat') : 'isolated';
  const isSwitched = first(root, 'virtualport') !== undefined;
  const hasNone = isSwitched || ['hostdev', 'private', 'vepa', 'passthrough'].includes(mode);
  const portgroups = all(root, 'portgroup').map((group) => group.getAttribute('name') ?? '');
  return { mode, portgroups, bridge: hasNone ? undefined : attributeOf(root, 'bridge', 'name') };
}

/** The names of the network filters; none where libvirt has no driver for them. */
export const readNwfilters = async (call: Call): Promise<string[]> =>
  (await listed(call, PROC.listAllNwfilters)).map(({ name }) => name);

/** libvirt's types of pools whose volumes are files. */
const FILE_POOLS: readonly string[] = ['dir', 'fs', 'netfs'];

/** Storage pools that have a folder: nobody's own. */
export async function readPools(call: Call): Promise<Pool[]> {
  const pools = await listed(call, PROC.listAllPools);
  const read = pools.map(async ({ name, body }): Promise<Pool[]> => {
    try {
      const root = rootOf(parseXml((await call(PROC.poolGetXml, body().uint(0))).string(), 'pool'));
      const isActive = (await call(PROC.poolIsActive, body())).int() !== 0;
      const folder = textOf(root, 'target/path');
      const isOfFiles = FILE_POOLS.includes(root.getAttribute('type') ?? '');
      return folder ? [{ name, folder, isActive, isOfFiles }] : [];
    } catch (error) {
      if (isLibvirtError(error, VIR_ERR.noPool)) return [];
      throw error;
    }
  });
  return (await Promise.all(read)).flat();
}

/** A pool that is off lists nothing. */
export async function refreshPool(call: Call, name: string): Promise<void> {
  try {
    const found = await call(PROC.poolLookupByName, new XdrWriter().string(name));
    const pool = { name: found.string(), uuid: found.fixed(16) };
    const body = () => new XdrWriter().string(pool.name).fixed(pool.uuid);
    if ((await call(PROC.poolIsActive, body())).int() === 0) return;
    await call(PROC.poolRefresh, body().uint(0));
  } catch (error) {
    if (!isLibvirtError(error, VIR_ERR.noPool)) throw error;
  }
}

/** What a list call answers: each thing's name, and what its own calls begin with. */
async function listed(call: Call, procedure: number) {
  try {
    const answer = await call(procedure, new XdrWriter().int(1).uint(0));
    const found = answer.array(() => ({ name: answer.string(), uuid: answer.fixed(16) }));
    return found.map(({ name, uuid }) => ({
      name,
      body: () => new XdrWriter().string(name).fixed(uuid),
    }));
  } catch (error) {
    if (isLibvirtError(error, VIR_ERR.noSupport)) return [];
    throw error;
  }
}
