/** The fake hypervisor keeps the promises that libvirt's keeps (test/lab/suites.lab.test.ts). */
import { fakeContractSite } from '../helpers/fake-contract-site.js';
import { describeHypervisor } from './suites/hypervisor.js';

describeHypervisor('in memory', fakeContractSite);
