/** Where the lab's guests are, and what they leave behind. */
import { defined } from '../model/defined.js';
import { ALL_GUESTS } from './framework/guest.js';
import { runInLab } from './observer.js';
import { LAB_HOSTS } from './site.js';

/** The guest of lab/efi-guest.sh. */
export const EFI_GUEST = { vm: 'efi1', ip: '10.77.0.108', mac: '52:54:00:77:00:08' } as const;

/** The guest of lab/everyday-guest.sh, and what stays of it: an ISO and a secret that others may have, and on h1 what its neighbour needs. */
export const OWN_GUEST = {
  vm: 'own1',
  ip: '10.77.0.107',
  mac: '52:54:00:77:00:07',
  secret: '77000000-0000-4000-8000-0000000c0a17',
  staysOn: (source: string): readonly string[] =>
    (source === 'h1' ? ['own1', 'own1-tools.iso', 'own1/base.qcow2'] : ['own1-tools.iso']).map(
      (name) => `/var/lib/libvirt/images/${name}`,
    ),
} as const;

/** Where a guest runs, as the hosts themselves say; two would be the end of the world. */
export async function hostOf(vm: string): Promise<string> {
  const running = await Promise.all(
    LAB_HOSTS.map(async (host) => ((await domains(host)).get(vm) === 'running' ? [host] : [])),
  );
  return running.flat().join(' and ');
}

const domains = async (host: string): Promise<Map<string, string>> =>
  listed(await runInLab(host, ['virsh', '-q', 'list', '--all']));

/** Names and states of what `virsh list` prints. */
const listed = (text: string): Map<string, string> =>
  new Map(
    [...text.matchAll(/^\s*\S+\s+(\S+)\s+(.+?)\s*$/gm)].map(([, name, state]) => [
      name as string,
      state as string,
    ]),
  );

/** `$1` VM: all that a migration can leave on a host, in one call, since a lab asks a thousand times. */
const TRACES = `set -e
virsh -q list --all; echo --
{ ls -d /run/drover-* /var/lib/drover/*; cat /srv/drover/.ssh/authorized_keys; } 2>/dev/null || :; echo --
find /var/lib/libvirt/images -path "*/$1*" -o -name '*.drover-*' -o -name '.drover-probe-*'
find /srv/shared -name '*.drover-*' -o -name '.drover-probe-*' -o -name '*_resize'; echo --
virsh -q snapshot-list "$1" --name 2>/dev/null | sed '/^$/d; s/^/snapshot /' || :
virsh -q secret-list | while read -r uuid usage; do
  case $usage in *" $1") echo "secret $usage $(virsh -q secret-get-value "$uuid" | sha256sum | cut -c 1-16)" ;; esac
done
for f in /var/lib/libvirt/qemu/nvram/*"$1"*; do [ ! -e "$f" ] || echo "$f $(dd if="$f" bs=4096 skip=64 count=1 status=none | sha256sum)"; done
virsh dumpxml "$1" --inactive --security-info 2>/dev/null | grep -o "passwd='[^']*'" || :
find /var/lib/libvirt/swtpm -name '*.permall*' -path "*$2*" 2>/dev/null || :; echo --
cd /var/lib/libvirt/images; [ ! -e near1 ] || sha256sum near1/* own1/base.qcow2; echo --
nft list table bridge drover 2>/dev/null || :; echo --
ip -o link show`;

/** What a guest has on each host: its domain, files, bindings and taps; empty where nothing of it is left. */
export async function leftoversOf(vm: string): Promise<Record<string, object>> {
  const all = [...ALL_GUESTS, EFI_GUEST, OWN_GUEST];
  const mac = (all.find((guest) => guest.vm === vm)?.mac ?? '').replaceAll(':', '');
  const uuidEnd = `0000000000${mac.slice(-2)}`;
  const each = LAB_HOSTS.map(async (host) => {
    const text = await runInLab(host, ['sh', '-c', TRACES, 'sh', vm, uuidEnd]);
    const [list, copying, files, belongings, neighbour, rules, taps] = text.split(/^--$/m);
    const linesOf = (name: string, of: string | undefined) =>
      of?.trim() ? { [name]: of.trim().split('\n').sort() } : {};
    const known = listed(list ?? '');
    const found = {
      ...defined({ domain: known.has(vm) ? known.get(vm) : undefined }),
      ...linesOf('files', files),
      ...linesOf('neighbour', neighbour),
      ...linesOf('belongings', belongings),
      ...linesOf('copying', copying),
      ...defined({
        rules: rules?.includes(mac) ? true : undefined,
        tap: taps?.includes(`dr${mac}`) ? true : undefined,
      }),
    };
    return [host, found] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}
