/** Objections in a domain's XML: devices of its host, and parts that hide from drover what they use. */
import type { Element } from '@xmldom/xmldom';
import { objection, type Objection } from '../../model/objection.js';
import { all, attributeOf, first, textOf } from './document.js';

/** All of it, each by its name. */
export const tiesOf = (root: Element): Objection[] => [
  ...all(root, 'devices/hostdev').map((device) =>
    objection(`hostdev ${addressOf(device)}`, 'is a device of this host', 'detach it first'),
  ),
  ...all(root, 'devices/filesystem').map((device) =>
    objection(
      `filesystem ${attributeOf(device, 'source', 'dir') ?? ''}`.trim(),
      'shares a folder of this host with the guest',
      'detach it first',
    ),
  ),
  ...all(root, 'devices/memory')
    .filter((memory) => /nvdimm|virtio-pmem/.test(memory.getAttribute('model') ?? ''))
    .map((memory) =>
      objection(
        `memory ${textOf(memory, 'source/path')}`.trim(),
        'is kept in a file or device of this host',
        'detach it first',
      ),
    ),
  ...tpmTies(root),
  ...managers(root),
  ...uncheckedArguments(root),
];

/** Where the device is on its host: `pci 0000:01:00.0`, `usb 046d:c52b`, `mdev UUID`. */
function addressOf(device: Element): string {
  const type = device.getAttribute('type') ?? 'device';
  const address = first(device, 'source/address');
  const hex = (name: string) => address?.getAttribute(name)?.replace(/^0x/, '') ?? '';
  if (type === 'pci') return `pci ${hex('domain')}:${hex('bus')}:${hex('slot')}.${hex('function')}`;
  const uuid = address?.getAttribute('uuid');
  if (uuid) return `${type} ${uuid}`;
  const vendor = attributeOf(device, 'source/vendor', 'id')?.replace(/^0x/, '');
  const product = attributeOf(device, 'source/product', 'id')?.replace(/^0x/, '');
  return vendor && product ? `${type} ${vendor}:${product}` : type;
}

/** An emulated TPM has its state in a folder, and travels; others are the host's. */
const tpmTies = (root: Element): Objection[] =>
  all(root, 'devices/tpm').flatMap((tpm) => {
    const type = attributeOf(tpm, 'backend', 'type') ?? '';
    if (type !== 'emulator')
      return [objection('tpm', `is the host's own (${type})`, 'give the guest an emulated one')];
    return first(tpm, 'backend/encryption') || first(tpm, 'backend/source')
      ? [
          objection(
            'tpm',
            'keeps its state encrypted, or in a place of its own',
            'take the encryption or the place out of the definition (virsh edit), if the guest can do without that TPM’s content',
          ),
        ]
      : [];
  });

/** By the namespaces that they put into a domain's metadata. */
const MANAGERS: readonly { uri: RegExp; key: string; name: string; how: string }[] = [
  {
    uri: /^http:\/\/openstack\.org\/xmlns\/libvirt\/nova\//,
    key: 'nova',
    name: 'OpenStack Nova',
    how: 'openstack server migrate',
  },
  { uri: /^http:\/\/ovirt\.org\/vm\//, key: 'ovirt', name: 'oVirt', how: 'its engine' },
  { uri: /^http:\/\/kubevirt\.io/, key: 'kubevirt', name: 'KubeVirt', how: 'virtctl migrate' },
  {
    uri: /^http:\/\/opennebula\.org\//,
    key: 'opennebula',
    name: 'OpenNebula',
    how: 'onevm migrate',
  },
];

function managers(root: Element): Objection[] {
  const uris = all(root, 'metadata').flatMap((metadata) =>
    Array.from(metadata.childNodes).map((node) => (node as Element).namespaceURI ?? ''),
  );
  return MANAGERS.filter(({ uri }) => uris.some((found) => uri.test(found))).map(
    ({ key, name, how }) =>
      objection(
        'domain',
        `is managed by ${name}, which would not know where it is afterwards and may start it a second time`,
        `move it by ${how}`,
        { accept: `managed-by:${key}` },
      ),
  );
}

/** Options of QEMU's whose values name no file, as long as there is no slash in them. */
const HARMLESS =
  /^-(?:m|object|machine|M|cpu|smp|global|set|msg|smbios|fw_cfg|boot|rtc|overcommit|accel|append|name|d|nodefaults|no-user-config|no-reboot|no-shutdown)$/;

/** Arguments that libvirt passes to QEMU unread: nobody can see what they open. */
function uncheckedArguments(root: Element): Objection[] {
  const values = all(root, 'commandline/arg').map((arg) => arg.getAttribute('value') ?? '');
  const options = values.reduce<string[][]>((groups, value) => {
    const last = groups.at(-1);
    if (value.startsWith('-') || !last) groups.push([value]);
    else last.push(value);
    return groups;
  }, []);
  return options
    .filter(([option = '', ...rest]) => !HARMLESS.test(option) || rest.some(namesFile))
    .map(([option = '', ...rest]) => {
      // Not the value itself, which may hold a secret.
      const files = rest.flatMap((value) => value.match(/\/[^,]*/g) ?? []);
      return objection(
        ['qemu:commandline', option, ...files].join(' '),
        'cannot be checked',
        'make it a device that libvirt knows',
        { accept: 'qemu:commandline' },
      );
    });
}

const namesFile = (value: string): boolean => value.includes('/') || /(?:^|,)file=/.test(value);
