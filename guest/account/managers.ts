/** Other managers that own a domain, by the namespaces that they put into its metadata. */
import type { Element } from '@xmldom/xmldom';
import type { Refusal } from './fate.js';

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

/** Those that have left their mark in a `<metadata>`. */
export function managersOf(metadata: Element): Refusal[] {
  const uris = Array.from(metadata.childNodes).map((node) => (node as Element).namespaceURI ?? '');
  return MANAGERS.filter(({ uri }) => uris.some((found) => uri.test(found))).map(
    ({ key, name, how }) => ({
      about: 'domain',
      why: `is managed by ${name}, which would not know where it is afterwards and may start it a second time`,
      wayOut: `move it by ${how}`,
      accept: `managed-by:${key}`,
    }),
  );
}
