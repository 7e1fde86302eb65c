/** What speaks against moving the guest now, or to this target, besides what its definition shows. */
import { present } from '../../model/defined.js';
import { objection, type Objection } from '../../model/objection.js';
import { isActive } from '../../model/vm.js';
import type { Question } from './objections.js';

/** Jobs that run, and a TPM that the target cannot emulate, or has a state of. */
export async function guestObjections(question: Question): Promise<Objection[]> {
  return (await Promise.all([busyObjections(question), tpmObjections(question)])).flat();
}

async function busyObjections({ vm, source }: Question): Promise<Objection[]> {
  if (!isActive(vm.state)) return [];
  const devices = vm.disks.map(({ device }) => device).filter((device) => device !== 'nvram');
  const jobs = await source.hypervisor.busy(vm.uuid, devices);
  return jobs.map(({ device, kind }) =>
    device === undefined
      ? objection(
          'the guest',
          `is busy with a ${kind} job`,
          `wait, or end it (virsh domjobabort ${vm.name})`,
        )
      : objection(
          `disk ${device}`,
          `has a running ${kind} job`,
          `wait, or end it (virsh blockjob ${vm.name} ${device} --abort)`,
        ),
  );
}

async function tpmObjections({ vm, target, route }: Question): Promise<Objection[]> {
  if (!vm.tpm) return [];
  const [canEmulate, state] = await Promise.all([
    target.hypervisor.canEmulateTpm(vm),
    target.storage.files.within(vm.tpm.stateFolder),
  ]);
  return [
    ...present([
      canEmulate
        ? undefined
        : objection(
            'tpm',
            `needs swtpm, which ${route.target} lacks`,
            `install it there (swtpm, swtpm-tools)`,
          ),
    ]),
    ...present([
      state.length > 0
        ? objection(
            'tpm',
            `has a stale state at ${vm.tpm.stateFolder} on ${route.target}`,
            'find out whose it is; if nobody’s, remove it there',
          )
        : undefined,
    ]),
  ];
}
