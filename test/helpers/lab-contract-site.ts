/** Two of the lab's hosts for the contract suites. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectDataCentre } from '../../drivers/hosts/connect.js';
import type { DataCentre } from '../../drivers/interfaces/data-centre.js';
import { IMAGES, onHost } from '../../lab/everyday.js';
import { LAB_DIR } from '../../lab/folder.js';
import { runInLab } from '../../lab/observer.js';
import { labHost } from '../../lab/site.js';
import { HostName, HostPath } from '../../model/ids.js';
import { diskOf } from '../contract/suites/guest.js';
import type { ContractSite } from '../contract/suites/site.js';

const [NEAR, FAR] = ['h1', 'h2'] as const;
const FOLDER = HostPath.parse(`${IMAGES}/suites`);
const volumeAt = (portal: string) =>
  diskOf({
    kind: 'network',
    protocol: 'iscsi',
    name: 'iqn.2026-11.lab.drover:volumes/1',
    hosts: [{ name: portal, port: 3260 }],
  });
const onBoth = async (script: string, ...args: string[]): Promise<void> => {
  await Promise.all([NEAR, FAR].map((host) => onHost(host, script, ...args)));
};

/** `$1` XML, `$2` value or nothing. */
const SET_SECRET = `set -e
printf %s "$1" >/run/suite-secret.xml; virsh -q secret-define /run/suite-secret.xml; rm /run/suite-secret.xml
uuid=$(printf %s "$1" | sed 's/.*<uuid>//; s/<.*//')
[ -z "$2" ] || { printf %s "$2" >/run/suite-value; virsh -q secret-set-value "$uuid" --plain --file /run/suite-value; rm /run/suite-value; }`;

/** The lab's hosts, as drover itself connects to them. */
export const labDataCentre = (): DataCentre =>
  connectDataCentre({
    lookup: (name) => Promise.resolve(labHost(name)),
    identity: () =>
      Promise.resolve({
        privateKey: readFileSync(join(LAB_DIR, 'ssh', 'id_ed25519')),
        knownHosts: readFileSync(join(LAB_DIR, 'ssh', 'known_hosts'), 'utf8'),
      }),
  });

/** h1 and h2, with a folder of the suites' own. */
export async function labContractSite(): Promise<ContractSite> {
  const hosts = labDataCentre();
  const wipe = () => onBoth('rm -rf -- "$1" "$1".drover-* && mkdir "$1"', FOLDER);
  await wipe();
  return {
    near: await hosts.on(HostName.parse(NEAR)),
    far: await hosts.on(HostName.parse(FAR)),
    folder: FOLDER,
    wipe,
    write: async ({ host }, path, content) => {
      const script = 'umask 022; mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"';
      await onHost(host.name, script, path, content);
    },
    link: async ({ host }, path, to) => {
      await onHost(host.name, 'mkdir -p "$2" && ln -s "$2" "$1"', path, to);
    },
    forget: (uuid) => onBoth(FORGET, uuid),
    virsh: {
      saveMemory: (uuid) => virsh('managedsave', uuid),
      snapshot: (uuid, name) => virsh('snapshot-create-as', uuid, name),
      defineFilter: (name) =>
        onHost(
          NEAR,
          `echo "<filter name='$1' chain='root'/>" | virsh -q nwfilter-define /dev/stdin`,
          name,
        ).then(() => undefined),
      undefineFilter: (name) => virsh('nwfilter-undefine', name),
      defineSecret: async (xml, value) => {
        await onHost(NEAR, SET_SECRET, xml, value ?? '');
      },
      undefineSecret: (uuid) => virsh('secret-undefine', uuid),
      checkpoint: (uuid, name) => virsh('checkpoint-create-as', uuid, name),
    },
    answering: { address: '10.77.0.12', port: 16509 },
    nowhere: { address: '10.77.0.250', port: 22 },
    silent: { address: '10.77.0.12', port: 1 },
    volume: volumeAt('10.77.0.1'),
    lostVolume: volumeAt('127.0.0.1'),
    close: async () => {
      await onBoth('rm -rf -- "$1" "$1".drover-*', FOLDER);
      hosts.close();
    },
  };
}

const virsh = async (...args: string[]): Promise<void> => {
  await runInLab(NEAR, ['virsh', '-q', ...args]);
};

/** \`$1\` UUID. */
const FORGET = `rm -rf "/var/lib/libvirt/swtpm/$1"
virsh -q domname "$1" >/dev/null 2>&1 || exit 0
virsh -q destroy "$1" 2>/dev/null || :
virsh -q managedsave-remove "$1" 2>/dev/null || :
virsh -q undefine "$1" --tpm --snapshots-metadata --checkpoints-metadata 2>/dev/null || :`;
