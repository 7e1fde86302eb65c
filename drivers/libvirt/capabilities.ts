/** Reads `<capabilities>`: the host's CPU, and the machine types and domain types that it can run. */
import { all, attributeOf, parseXml, rootOf, serialize, textOf } from '../../guest/xml/document.js';

/** What drover keeps of a host's capabilities. */
export interface Capabilities {
  readonly hostUuid: string;
  readonly arch: string;
  readonly cpuModel: string;
  readonly machines: string[];
  readonly virtTypes: string[];
}

/**
 * Sample: `<capabilities><host><cpu><arch>x86_64</arch><model>EPYC</model></cpu></host><guest><arch name='x86_64'>
 * <machine maxCpus='288'>pc-q35-7.2</machine><domain type='qemu'/></arch></guest></capabilities>`
 */
export const parseCapabilities = remembered((text: string): Capabilities => {
  const root = rootOf(parseXml(text, 'capabilities'));
  const arch = textOf(root, 'host/cpu/arch');
  const guests = all(root, 'guest/arch').filter((element) => element.getAttribute('name') === arch);
  return {
    hostUuid: textOf(root, 'host/uuid'),
    arch,
    cpuModel:
      textOf(root, 'host/cpu/model') || attributeOf(root, 'host/cpu/model', 'name') || 'unknown',
    machines: [
      ...new Set(
        guests.flatMap((guest) =>
          all(guest, 'machine')
            .concat(all(guest, 'domain/machine'))
            .map((machine) => machine.textContent?.trim() ?? ''),
        ),
      ),
    ],
    virtTypes: [
      ...new Set(
        guests.flatMap((guest) =>
          all(guest, 'domain').map((domain) => domain.getAttribute('type') ?? ''),
        ),
      ),
    ],
  };
});

/** Whether `<domainCapabilities>` offers `<tpm><enum name='backendModel'><value>emulator</value>`: libvirt has found a swtpm. */
export function canEmulateTpm(text: string): boolean {
  const root = rootOf(parseXml(text, 'domainCapabilities'));
  const [tpm] = all(root, 'devices/tpm');
  if (tpm?.getAttribute('supported') !== 'yes') return false;
  const backends = all(tpm, 'enum').filter((e) => e.getAttribute('name') === 'backendModel');
  return backends.some((e) => all(e, 'value').some((v) => v.textContent?.trim() === 'emulator'));
}

/**
 * The CPU of `<domainCapabilities>`' mode `host-model` as one that is told by its features: libvirt has filled in what QEMU really
 * gives (formatdomaincaps). `undefined` if the host has none.
 */
export function givenCpu(text: string): string | undefined {
  const root = rootOf(parseXml(text, 'domainCapabilities'));
  const mode = all(root, 'cpu/mode').find(
    (one) => one.getAttribute('name') === 'host-model' && one.getAttribute('supported') === 'yes',
  );
  const [model] = mode ? all(mode, 'model') : [];
  if (!mode || !model) return undefined;
  const document = parseXml(`<cpu mode='custom' match='exact'/>`, 'cpu');
  const cpu = rootOf(document);
  for (const name of ['model', 'vendor', 'feature'])
    for (const part of all(mode, name)) cpu.appendChild(document.importNode(part, true));
  return serialize(document);
}

/** A host's capabilities are ten kilobytes that hardly ever change: the last few texts are not parsed again. */
function remembered<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const value = known.get(text) ?? parse(text);
    if (known.size > 20) known.clear();
    known.set(text, value);
    return value;
  };
}
