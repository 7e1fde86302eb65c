import { filesOfGuest } from '../../guest/belongings.js';
import { CodedError, messageOf } from '../../model/errors.js';
import { HostPath, type HostName } from '../../model/ids.js';
import { folderOf } from '../../model/storage.js';
import type { Finding } from '../../model/audit.js';
import { audit } from '../../workflows/steps/fleet.js';
import { implement, type Deps } from '../kit/implement.js';
import { refuseSecondUse } from '../request/once.js';
import { asideFindings } from './asides.js';
import { movingOf } from './moving.js';
import { placeFindings, placesOf, strayBindings } from './places.js';
import { secretFindings } from './brought-secrets.js';
import { claimFindings, markFindings, traceFindings } from './traces.js';
import { volumeFindings } from './volumes.js';
import { usedFiles } from './used-files.js';
import type { Found, SeenHost, Scene } from './scene.js';

/** Repairs only what carries the id of an ended migration; anything else it reports at most. */
export const auditActivity = implement(audit, (deps) => ({
  async run({ isRepairing }, context) {
    if (isRepairing) await refuseSecondUse(deps.inventory, context);
    const { hosts, known, unasked } = await reachable(deps);
    const [vms, claims] = [await deps.inventory.vms(), await deps.inventory.claims()];
    const moving = await movingOf(claims, context);
    const scene: Scene = {
      deps,
      context,
      hosts,
      known,
      vms,
      claims,
      moving,
      folders: foldersOf(vms),
    };
    const places = placesOf(scene);
    const found = [...(await claimFindings(scene)), ...placeFindings(scene, places)];
    // A host, or one thing on it, that cannot be read is reported; the audit goes on with the rest.
    const ask = async (of: string, work: () => Promise<Found[]>) => {
      try {
        found.push(...(await work()));
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        unasked.push(`${of}: ${error.message}`);
      }
    };
    for (const [host, seen] of hosts) {
      await ask(host, () => traceFindings(scene, host, seen));
      await ask(host, () => asideFindings(scene, host, seen));
      await ask(host, () => secretFindings(scene, host, seen));
      await ask(host, () => volumeFindings(scene, host, seen));
      await ask(host, () => strayBindings(scene, places, host, seen));
      for (const guest of seen.guests)
        await ask(`${guest.name} on ${host}`, () => markFindings(scene, host, seen, guest));
    }
    const findings: Finding[] = [];
    for (const { finding, mend } of found)
      findings.push(await settle(finding, isRepairing ? mend : undefined));
    return { findings, unasked };
  },
}));

/** A repair that fails is reported with its finding; the other repairs go on. */
async function settle(finding: Found['finding'], mend: Found['mend']): Promise<Finding> {
  if (!mend) return { ...finding, isRepaired: false };
  try {
    await mend();
    return { ...finding, isRepaired: true };
  } catch (error) {
    return { ...finding, isRepaired: false, hint: `the repair failed: ${messageOf(error)}` };
  }
}

async function reachable({ inventory, dataCentre }: Deps) {
  const hosts = new Map<HostName, SeenHost>();
  const unasked: string[] = [];
  const records = await inventory.hosts();
  for (const { host } of records) {
    try {
      const drivers = await dataCentre.on(host.name);
      const guests = await drivers.hypervisor.guests();
      hosts.set(host.name, { drivers, guests, used: usedFiles(drivers) });
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      unasked.push(`${host.name}: ${error.message}`);
    }
  }
  return { hosts, known: records.map(({ host }) => host.name), unasked };
}

function foldersOf(vms: Scene['vms']): HostPath[] {
  // A VM's own folder and its parent: a mark is a file beside the file or folder that it marks.
  const folders = vms
    .flatMap(filesOfGuest)
    .flatMap((file) => [folderOf(file), folderOf(folderOf(file))]);
  return [...new Set([HostPath.parse('/var/lib/libvirt/images'), ...folders])].filter(
    (folder) => folder !== '/',
  );
}
