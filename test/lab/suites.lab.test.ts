/** What the fake data centre is held to, held to by libvirt, nftables and QEMU on the lab's hosts. */
import { describeHypervisor } from '../contract/suites/hypervisor.js';
import { describeNetwork } from '../contract/suites/network.js';
import { describeStorage } from '../contract/suites/storage.js';
import { labContractSite } from '../helpers/lab-contract-site.js';

jest.setTimeout(60_000);

describeHypervisor('libvirt', labContractSite);
describeNetwork('nftables', labContractSite);
describeStorage('files, QEMU’s tools and iSCSI', labContractSite);
