/** What exists where: hosts, VMs, reservations and security groups, as repositories over SQL. */
import { and, asc, eq, ne, notInArray, or, sql } from 'drizzle-orm';
import { CodedError } from '../model/errors.js';
import type { Host } from '../model/host.js';
import type { HostFacts } from '../model/host-facts.js';
import type { HostName, MigrationId, VmUuid } from '../model/ids.js';
import { SecurityGroup } from '../model/network.js';
import { Vm } from '../model/vm.js';
import type { Database } from './database.js';
import { claims, hosts, requests, securityGroups, vms } from './schema.js';
import { takeClaim } from './claims.js';
import type { Claim } from '../model/claim.js';
import { toClaim, toKnownHost, type KnownHost } from './rows.js';

/** The inventory. Every write may be repeated. */
export interface Inventory {
  hosts(): Promise<KnownHost[]>;
  /** @throws HOST_UNKNOWN */
  host(name: HostName): Promise<KnownHost>;
  putHost(host: Host): Promise<void>;
  putFacts(name: HostName, facts: HostFacts): Promise<void>;
  /** Forgets a host and the VMs that are recorded on it; absent is fine. */
  removeHost(name: HostName): Promise<void>;
  vms(): Promise<(Vm & { seenAt: string })[]>;
  /** By name or UUID. @throws VM_UNKNOWN */
  vm(nameOrUuid: string): Promise<Vm>;
  putVm(vm: Vm, xml: string): Promise<void>;
  /** Forgets VMs of a host that were not seen there. */
  forgetOthers(host: HostName, seen: readonly VmUuid[]): Promise<void>;
  claims(): Promise<Claim[]>;
  /** Reserves in one transaction, locked by host. @throws TARGET_FULL */
  take(claim: Claim): Promise<void>;
  release(migrationId: MigrationId): Promise<void>;
  /** Takes a request for a run; the run that it was first taken for, which is another if somebody sends it again. */
  takeRequest(seal: string, runId: string): Promise<string>;
  groups(): Promise<SecurityGroup[]>;
  putGroups(groups: readonly SecurityGroup[]): Promise<void>;
}

/** The inventory over an open database. */
export function createInventory(db: Database): Inventory {
  return {
    hosts: async () => (await db.select().from(hosts).orderBy(asc(hosts.name))).map(toKnownHost),
    async host(name) {
      const [row] = await db.select().from(hosts).where(eq(hosts.name, name));
      if (row) return toKnownHost(row);
      throw new CodedError('HOST_UNKNOWN', `no host ${name} in the inventory`, {
        hint: '`drover hosts` lists them; `drover hosts add` registers one.',
      });
    },
    async putHost(host) {
      await db
        .insert(hosts)
        .values({ name: host.name, doc: host })
        .onConflictDoUpdate({ target: hosts.name, set: { doc: host } });
    },
    async putFacts(name, facts) {
      await db.update(hosts).set({ facts, seenAt: new Date() }).where(eq(hosts.name, name));
    },
    async removeHost(name) {
      await db.delete(vms).where(eq(vms.host, name));
      await db.delete(hosts).where(eq(hosts.name, name));
    },
    vms: async () =>
      (await db.select().from(vms).orderBy(asc(vms.name))).map((row) => ({
        ...Vm.parse(row.doc),
        seenAt: row.seenAt.toISOString(),
      })),
    async vm(nameOrUuid) {
      const rows = await db
        .select()
        .from(vms)
        .where(or(eq(vms.uuid, nameOrUuid), eq(vms.name, nameOrUuid)));
      // A name may look like another VM's UUID; the UUID is that VM's.
      const row = rows.find(({ uuid }) => uuid === nameOrUuid) ?? rows[0];
      if (!row) {
        throw new CodedError('VM_UNKNOWN', `no VM ${nameOrUuid} in the inventory`, {
          hint: '`drover vms` lists them; `drover discover` reads them from the hosts.',
        });
      }
      if (rows.length > 1 && row.uuid !== nameOrUuid) {
        throw new CodedError('VM_UNKNOWN', `${rows.length} VMs are called ${nameOrUuid}`, {
          hint: `Name it by UUID: ${rows.map(({ uuid }) => uuid).join(', ')}`,
        });
      }
      return Vm.parse(row.doc);
    },
    async putVm(vm, xml) {
      const values = {
        uuid: vm.uuid,
        name: vm.name,
        host: vm.host,
        memoryBytes: vm.memoryBytes,
        vcpus: vm.vcpus,
        doc: vm,
        xml,
        seenAt: new Date(),
      };
      await db.insert(vms).values(values).onConflictDoUpdate({ target: vms.uuid, set: values });
    },
    async forgetOthers(host, seen) {
      await db
        .delete(vms)
        .where(
          and(
            eq(vms.host, host),
            seen.length > 0 ? notInArray(vms.uuid, [...seen]) : ne(vms.uuid, ''),
          ),
        );
    },
    claims: async () => (await db.select().from(claims)).map(toClaim),
    take: (claim) => takeClaim(db, claim),
    async release(migrationId) {
      await db.delete(claims).where(eq(claims.migrationId, migrationId));
    },
    async takeRequest(seal, runId) {
      await db.insert(requests).values({ seal, runId }).onConflictDoNothing();
      const [row] = await db.select().from(requests).where(eq(requests.seal, seal));
      return row?.runId ?? runId;
    },
    groups: async () =>
      (await db.select().from(securityGroups).orderBy(asc(securityGroups.name))).map((row) =>
        SecurityGroup.parse(row.doc),
      ),
    async putGroups(groups) {
      if (groups.length === 0) return;
      await db
        .insert(securityGroups)
        .values(groups.map((group) => ({ name: group.name, doc: group })))
        .onConflictDoUpdate({ target: securityGroups.name, set: { doc: sql`excluded.doc` } });
    },
  };
}
