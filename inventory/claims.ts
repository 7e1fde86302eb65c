/** Reserving room on a target, so that two migrations cannot both take the last gigabyte (B5). */
import { and, eq, ne, sum } from 'drizzle-orm';
import { CodedError } from '../model/errors.js';
import { StoredHost } from '../model/host.js';
import { HostFacts } from '../model/host-facts.js';
import { capacityOf } from '../model/capacity.js';
import type { Database } from './database.js';
import type { Claim } from '../model/claim.js';
import { claims, hosts, vms } from './schema.js';

/** Takes the claim, or says what is missing. The host's row is locked, so claims on one host queue up. */
export async function takeClaim(db: Database, claim: Claim): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.select().from(hosts).where(eq(hosts.name, claim.host)).for('update');
    if (!row?.facts)
      throw full(
        claim,
        'drover does not know its capacity yet',
        `Run \`drover discover ${claim.host}\`.`,
      );
    const refuseSecond = async () => {
      const [open] = await tx.select().from(claims).where(eq(claims.vm, claim.vm));
      if (open && open.migrationId !== claim.migrationId)
        throw new CodedError('MIGRATION_OPEN', 'another migration of this VM is open', {
          hint: 'See `drover list`; wait for it, or abort it.',
          facts: { migrationId: open.migrationId },
        });
    };
    await refuseSecond();
    const capacity = capacityOf(StoredHost.parse(row.doc), HostFacts.parse(row.facts));
    const [used] = await tx
      .select({ memoryBytes: sum(vms.memoryBytes), vcpus: sum(vms.vcpus) })
      .from(vms)
      .where(and(eq(vms.host, claim.host), ne(vms.uuid, claim.vm)));
    const [claimed] = await tx
      .select({ memoryBytes: sum(claims.memoryBytes), vcpus: sum(claims.vcpus) })
      .from(claims)
      .where(and(eq(claims.host, claim.host), ne(claims.migrationId, claim.migrationId)));
    for (const what of ['memoryBytes', 'vcpus'] as const) {
      const free = capacity[what] - Number(used?.[what] ?? 0) - Number(claimed?.[what] ?? 0);
      if (free < claim[what]) {
        throw full(
          claim,
          `${claim[what]} ${what} wanted, ${Math.max(0, free)} free`,
          'Choose another target, or wait for open migrations.',
        );
      }
    }
    await tx.insert(claims).values(claim).onConflictDoNothing();
    // One for another host, which locks another row, may have come in between (S25).
    await refuseSecond();
  });
}

const full = (claim: Claim, why: string, hint: string): CodedError =>
  new CodedError('TARGET_FULL', `${claim.host} cannot take the guest: ${why}`, {
    hint,
    facts: { host: claim.host },
  });
