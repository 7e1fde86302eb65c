/** What keeps the target from opening a disk with a secret of libvirt's: found before the guest is touched. */
import { Confidential } from '../../model/confidential.js';
import { objection, type Objection } from '../../model/objection.js';
import { secretName, type SecretRef } from '../../model/secret.js';
import type { HostSecret } from '../../drivers/interfaces/hypervisor/secrets.js';
import type { Question } from '../target/objections.js';

/** The word of a person who knows that a private secret has the right value. */
const UNCOMPARED = 'uncompared-secret';
const SET = 'virsh secret-define and virsh secret-set-value there';

/** Of every disk. */
export async function secretObjections(question: Question): Promise<Objection[]> {
  const { vm, source, target } = question;
  const found: Objection[] = [];
  for (const { about, need } of vm.needs) {
    if (need.kind !== 'secret') continue;
    const here = await source.hypervisor.secret(need.secret);
    const there = await target.hypervisor.secret(need.secret);
    const seen = { about, ref: need.secret, here, there };
    if (there) found.push(...differing(question, seen, there));
    else found.push(...(await lacking(question, seen)));
  }
  return found;
}

/** A secret as both hosts have it. */
interface Seen {
  readonly about: string;
  readonly ref: SecretRef;
  readonly here: HostSecret | undefined;
}

function differing({ source, target }: Question, seen: Seen, there: HostSecret): Objection[] {
  const { about, ref, here } = seen;
  const [from, to] = [source.host.name, target.host.name];
  const name = `needs the secret ${secretName(ref)}, which`;
  if (there.value === 'none')
    return [objection(about, `${name} has no value on ${to}`, 'virsh secret-set-value there')];
  // drover reads a volume before the guest goes, and nobody else than a guest is given a private password.
  if (there.value === 'private' && ref.usage !== 'volume')
    return [
      objection(
        about,
        `${name} is private on ${to}: the volume cannot be tried`,
        `define it there with private='no'`,
      ),
    ];
  if (!(there.value instanceof Confidential) || !(here?.value instanceof Confidential)) {
    const where = there.value === 'private' ? to : from;
    const how = here ? `is private on ${where}` : `${from} has not got any more`;
    return [
      objection(
        about,
        `${name} ${how}: whether both hosts have the same value cannot be told`,
        `define it with private='no' on both hosts`,
        { accept: UNCOMPARED },
      ),
    ];
  }
  if (here.value.reveal() === there.value.reveal()) return [];
  return [
    objection(
      about,
      `${name} has another value on ${to} than on ${from}: the disk would not open`,
      'give both the same',
    ),
  ];
}

async function lacking(question: Question, { about, ref, here }: Seen): Promise<Objection[]> {
  const { source, target, isCarryingSecrets = false } = question;
  const [from, to] = [source.host.name, target.host.name];
  const name = `needs the secret ${secretName(ref)}, which`;
  if (!here) return [objection(about, `${name} neither ${to} nor ${from} has`, SET)];
  if (here.value === 'none')
    return [objection(about, `${name} ${to} lacks, and which has no value on ${from}`, SET)];
  if (here.value === 'private')
    return [
      objection(about, `${name} ${to} lacks, and ${from} gives to its guests only (private)`, SET),
    ];
  const other =
    here.usage === ''
      ? undefined
      : await target.hypervisor.secret({ usage: ref.usage, by: { id: here.usage } });
  if (other)
    return [
      objection(
        about,
        `${name} ${to} lacks, and it has another one, ${other.uuid}, for the same use`,
        'remove that one there (virsh secret-undefine), if nobody needs it',
      ),
    ];
  return isCarryingSecrets
    ? []
    : [objection(about, `${name} ${to} lacks`, `--carry-secrets brings it; or ${SET}`)];
}
