/** The fake storage keeps the promises that a host's keeps (test/lab/suites.lab.test.ts). */
import { fakeContractSite } from '../helpers/fake-contract-site.js';
import { describeStorage } from './suites/storage.js';

describeStorage('in memory', fakeContractSite);
