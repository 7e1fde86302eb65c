/** What each test of a suite begins with. */
import type { Hypervisor } from '../../../drivers/interfaces/hypervisor/hypervisor.js';
import { VmUuid } from '../../../model/ids.js';
import { defineGuest, suiteGuest, type SuiteGuest } from './guest.js';
import type { ContractSite, OpenSite } from './site.js';

/** No host has it. */
export const NOBODY = VmUuid.parse('77000000-0000-4000-8000-00000000dead');
/** What everybody answers who is asked for a domain that is not there. */
export const NO_DOMAIN = { code: 'LIBVIRT_FAILED', facts: { libvirtCode: 42 } };
/** Any other refusal of libvirt's. */
export const REFUSED = { code: 'LIBVIRT_FAILED' };

/** The site of a block of tests. */
export interface OpenedSite {
  readonly site: ContractSite;
  /** What is to be done after the last test, while the site is still open. */
  atEnd(work: () => Promise<void>): void;
}

/** The same, with a guest. */
export interface OpenedGuest extends OpenedSite {
  readonly guest: SuiteGuest;
  readonly uuid: VmUuid;
  /** The hypervisors of the first host and of the second. */
  readonly near: Hypervisor;
  readonly far: Hypervisor;
}

/** Opens a site for a block of tests, with an empty folder for each. */
export function withSite(open: OpenSite): OpenedSite {
  let site: ContractSite | undefined;
  const last: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    site = await open();
  });
  beforeEach(() => site?.wipe());
  afterAll(async () => {
    for (const work of last) await work();
    await site?.close();
  });
  return {
    atEnd: (work) => void last.push(work),
    get site() {
      if (!site) throw new Error('the site is not open yet');
      return site;
    },
  };
}

/** The same, with a guest that is off on the first host. */
export function withGuest(open: OpenSite, number: number): OpenedGuest {
  const opened = withSite(open);
  const guest = () => suiteGuest(opened.site, number);
  beforeEach(async () => {
    await opened.site.forget(guest().uuid);
    await defineGuest(opened.site, guest());
  });
  opened.atEnd(() => opened.site.forget(guest().uuid));
  return {
    atEnd: opened.atEnd,
    get site() {
      return opened.site;
    },
    get guest() {
      return guest();
    },
    get uuid() {
      return guest().uuid;
    },
    get near() {
      return opened.site.near.hypervisor;
    },
    get far() {
      return opened.site.far.hypervisor;
    },
  };
}
