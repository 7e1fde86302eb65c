/** The fake network keeps the promises that a Linux bridge's keeps (test/lab/suites.lab.test.ts). */
import { fakeContractSite } from '../helpers/fake-contract-site.js';
import { describeNetwork } from './suites/network.js';

describeNetwork('in memory', fakeContractSite);
