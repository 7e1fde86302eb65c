/** The real data centre: one ssh connection and one libvirt link a host, kept as long as its record stays the same. */
import type { Host } from '../../model/host.js';
import type { HostName } from '../../model/ids.js';
import type { DataCentre, HostDrivers } from '../interfaces/data-centre.js';
import { hostSurroundings } from './surroundings.js';
import { imageStore } from '../images/curl.js';
import { libvirtHypervisor } from '../libvirt/hypervisor.js';
import { renderedDefinitions } from '../libvirt/rendered.js';
import { libvirtLink } from '../libvirt/link.js';
import { linuxBridge } from '../network/linux-bridge.js';
import { sshConnection, type SshIdentity } from '../ssh/connection.js';
import { sshShell } from '../ssh/shell.js';
import type { HostShell } from '../interfaces/shell.js';
import type { CopyEnd } from '../storage/copying.js';
import { hostTraces } from '../storage/traces.js';
import { hostStorage } from '../storage/load.js';

/** What the real data centre is made from. */
export interface ConnectOptions {
  /** Finds a host's record. */
  lookup(name: HostName): Promise<Host>;
  /** Reads key and known_hosts; asked at every dial, so that a change needs no restart. */
  identity(): Promise<SshIdentity>;
  readonly imageStoreUrl?: string;
}

/** One step asks for its hosts several times; a record that was changed counts from the next step on. */
const RECORD_MS = 100;

interface Opened {
  readonly record: string;
  readonly drivers: HostDrivers;
  readonly shell: HostShell;
  readonly end: CopyEnd;
  close(): void;
}

/** Connects lazily, and again if a host's record changed. */
export function connectDataCentre({ lookup, identity, imageStoreUrl }: ConnectOptions): DataCentre {
  const opened = new Map<HostName, Opened>();
  const lookedUp = new Map<HostName, { readonly at: number; readonly host: Promise<Host> }>();
  const recordOf = (name: HostName): Promise<Host> => {
    const known = lookedUp.get(name);
    if (known && Date.now() - known.at < RECORD_MS) return known.host;
    const host = lookup(name);
    lookedUp.set(name, { at: Date.now(), host });
    return host;
  };
  const open = async (name: HostName): Promise<Opened> => {
    const host = await recordOf(name);
    const record = JSON.stringify(host);
    const known = opened.get(name);
    if (known?.record === record) return known;
    known?.close();
    const ssh = sshConnection(host, identity);
    const link = libvirtLink(host, ssh);
    const shell = sshShell(host, ssh);
    const shellOf = (other: HostName): HostShell =>
      other === name ? shell : lazyShell(async () => (await open(other)).shell);
    const hypervisor = libvirtHypervisor(host, link, shell);
    const fresh: Opened = {
      record,
      shell,
      end: { host, shell },
      drivers: {
        host,
        hypervisor,
        network: linuxBridge(host.name, shell),
        storage: hostStorage(
          host.name,
          shellOf,
          async (other) => (await open(other)).end,
          hypervisor,
        ),
        rendered: renderedDefinitions(shell),
        surroundings: hostSurroundings(shell),
        traces: hostTraces(shell),
        images: imageStore(imageStoreUrl, host.name, shell),
      },
      close: () => {
        link.close();
        ssh.close();
      },
    };
    opened.set(name, fresh);
    return fresh;
  };
  return {
    on: async (name) => (await open(name)).drivers,
    close: () => {
      for (const { close } of opened.values()) close();
      opened.clear();
    },
  };
}

/** A shell that is looked up when it is used: a file may come from any host. */
const lazyShell = (find: () => Promise<HostShell>): HostShell => ({
  run: async (command, args, options) => (await find()).run(command, args, options),
  pipe: async (from, target, to, signal) => (await find()).pipe(from, target, to, signal),
});
