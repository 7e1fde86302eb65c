/** Guests as operators have them, made on the lab's hosts for one test: small, most of them off, none with an operating system. */
import { LAB_HOSTS } from './site.js';
import { runInLab } from './observer.js';

/** Where most guests' disks are. */
export const IMAGES = '/var/lib/libvirt/images';

/** What a guest is made of, besides a name. */
export interface Recipe {
  readonly name: string;
  /** Its UUID and its MAC end with it: 20 to 99. */
  readonly number: number;
  /** @default h1 */
  readonly host?: string;
  /** XML of its disks. @default one qcow2 of 16 MiB in a folder of its name */
  readonly disks?: string;
  /** XML of its network interfaces. @default one on br0 */
  readonly interfaces?: string;
  /** More XML among its devices. */
  readonly devices?: string;
  /** XML of what it boots with, beside its type. */
  readonly boot?: string;
  /** More XML beside its devices. */
  readonly beside?: string;
}

/** A guest on the lab's hosts. */
export interface EverydayGuest {
  readonly name: string;
  readonly uuid: string;
  readonly mac: string;
  /** Its usual folder and disk. */
  readonly folder: string;
  readonly disk: string;
  /** Runs virsh on a host, with the guest's UUID after the command. */
  virsh(host: string, command: string, ...args: string[]): Promise<string>;
  start(host: string): Promise<void>;
  /** Its definition with its secrets; of a running one as it runs. */
  xml(host: string, ...options: string[]): Promise<string>;
  /** Ends it on every host, with all that it has. */
  remove(): Promise<void>;
}

/** Text as an attribute or between tags. */
const escaped = (text: string): string =>
  text.replace(/[&<>'"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** One file disk. */
export const diskXml = (path: string, device = 'vda', more = '', format = 'qcow2'): string =>
  `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${escaped(path)}'/><target dev='${device}' bus='virtio'/>${more}</disk>`;

/** Runs a shell script on a host. */
export const onHost = (host: string, script: string, ...args: string[]): Promise<string> =>
  runInLab(host, ['sh', '-ec', script, 'sh', ...args]);

/** The same on every host of the lab. */
export const onEveryHost = (script: string, ...args: string[]): Promise<string[]> =>
  Promise.all(LAB_HOSTS.map((host) => onHost(host, script, ...args)));

/** Puts files on a host: the folders, then a qcow2 of 16 MiB, over a backing file if one is named. */
export const makeImage = (host: string, path: string, backing = ''): Promise<string> =>
  onHost(
    host,
    `mkdir -p "$(dirname "$1")"
if [ -n "$2" ]; then qemu-img create -q -f qcow2 -b "$2" -F qcow2 "$1"
else qemu-img create -q -f qcow2 "$1" 16M && qemu-io -f qcow2 -c 'write -q -P 0x5a 1M 256k' "$1"; fi`,
    path,
    backing,
  );

/** Defines a guest, off; its usual disk is made unless the recipe has others. */
export async function makeGuest(recipe: Recipe): Promise<EverydayGuest> {
  const { name, number, host = 'h1', devices = '', boot = '', beside = '' } = recipe;
  const uuid = `77000000-0000-4000-8000-0000000000${number}`;
  const mac = `52:54:00:77:00:${number}`;
  const folder = `${IMAGES}/${name}`;
  const disk = `${folder}/disk.qcow2`;
  if (recipe.disks === undefined) await makeImage(host, disk);
  const interfaces =
    recipe.interfaces ??
    `<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/><model type='virtio'/></interface>`;
  const xml = `<domain type='qemu'><name>${escaped(name)}</name><uuid>${uuid}</uuid><memory unit='MiB'>64</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type>${boot}</os><features><acpi/></features>${beside}
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${recipe.disks ?? diskXml(disk)}${interfaces}${devices}</devices></domain>`;
  await onHost(
    host,
    `printf '%s' "$1" >/run/everyday.xml && virsh -q define /run/everyday.xml`,
    xml,
  );
  const virsh = (on: string, command: string, ...args: string[]) =>
    runInLab(on, ['virsh', '-q', command, uuid, ...args]);
  return {
    name,
    uuid,
    mac,
    folder,
    disk,
    virsh,
    start: async (on) => {
      await virsh(on, 'start');
    },
    xml: (on, ...options) => virsh(on, 'dumpxml', '--security-info', ...options),
    async remove() {
      for (const on of LAB_HOSTS) await onHost(on, REMOVE, uuid, folder);
    },
  };
}

/** \`$1\` UUID, \`$2\` folder: nothing of it is left, whatever became of it. */
const REMOVE = `virsh -q destroy "$1" 2>/dev/null || :
virsh -q managedsave-remove "$1" 2>/dev/null || :
virsh -q undefine "$1" --nvram --tpm --snapshots-metadata --checkpoints-metadata 2>/dev/null || :
case "$2" in /var/lib/libvirt/images/?*) rm -rf -- "$2" "\${2}_resize" "$2".drover-* ;; esac
rm -rf "/var/lib/libvirt/swtpm/$1" "/var/lib/libvirt/swtpm/$1".drover-*`;

/** Everything on the lab's hosts that a move may touch: domains in both views, files with content and owner, rules, keys. */
export async function pictureOfHosts(): Promise<Record<string, string[]>> {
  const shared = (await onEveryHost(SHARED_IN_USE)).join('\n');
  const each = LAB_HOSTS.map(
    async (host) => [host, (await onHost(host, PICTURE, shared)).split('\n')] as const,
  );
  return Object.fromEntries(await Promise.all(each));
}

/** What this host's processes have open of the storage that every host sees. */
const SHARED_IN_USE = `
for p in /proc/[0-9]*/fd/*; do readlink "$p" 2>/dev/null || :; done | sed -n '\\|^/srv/shared/|p' | sort -u`;

/** \`$1\` what any host has open of the shared storage. Without what changes by itself: a running guest's disk (its kernel
    writes when it likes), the addresses that QEMU and libvirt choose anew, and counters. */
const PICTURE = `
for uuid in $(virsh -q list --all --uuid | sort); do
  echo "== $uuid $(virsh domstate "$uuid" | head -n 1) $(virsh dominfo "$uuid" | grep -E '^(Autostart|Persistent|Managed save)' | tr -d ' ' | tr '\\n' ' ')"
  virsh dumpxml "$uuid" --security-info
  virsh dumpxml "$uuid" --security-info --inactive
  virsh -q snapshot-list "$uuid" --name; virsh -q checkpoint-list "$uuid" --name
done
used=$(echo "$1"; for p in /proc/[0-9]*/fd/*; do readlink "$p" 2>/dev/null || :; done | sort -u)
find /var/lib/libvirt/images /var/lib/libvirt/swtpm /var/lib/libvirt/qemu/nvram /var/lib/libvirt/qemu/save /var/lib/drover /srv \\
  ! -name '.lock' -printf '%p %y %u:%g:%m %l\\n' 2>/dev/null | sort
find /var/lib/libvirt/images /var/lib/libvirt/swtpm /srv -type f ! -name '.lock' 2>/dev/null | sort | while read -r f; do
  echo "$used" | grep -qxF -- "$f" || sha256sum <"$f" | sed "s|-|$f|"
done
virsh -q secret-list | sort
nft -s -t list table bridge drover 2>/dev/null || :
for what in 'map bridge drover from' 'map bridge drover to' 'set bridge drover active'; do nft list $what 2>/dev/null || :; done
cat /srv/drover/.ssh/authorized_keys 2>/dev/null || :`;
