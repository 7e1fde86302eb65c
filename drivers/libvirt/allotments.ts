/** Reads of `<capabilities>` which shares of its caches and its memory bandwidth a host can give (resctrl). */
import type { Element } from '@xmldom/xmldom';
import { all, first, parseXml, rootOf } from '../../guest/xml/document.js';
import { bytesOf } from '../../guest/xml/sizes.js';
import type { Allotments } from '../interfaces/hypervisor/facts.js';

/**
 * Sample: `<host><cache><bank id='0' level='3' type='both' size='15' unit='MiB' cpus='0-5'>
 * <control granularity='768' min='1536' unit='KiB' type='both' maxAllocs='4'/></bank><monitor level='3' maxMonitors='176'/></cache>
 * <memory_bandwidth><node id='0' cpus='0-5'><control granularity='10' min='10' maxAllocs='4'/></node></memory_bandwidth></host>`.
 * A bank without `control` gives nothing away; `min` is missing where it is one step.
 */
export function parseAllotments(text: string): Allotments {
  const root = rootOf(parseXml(text, 'capabilities'));
  const banks = all(root, 'host/cache/bank').flatMap((bank) =>
    all(bank, 'control').map((control) => ({
      id: number(bank, 'id'),
      level: number(bank, 'level'),
      type: control.getAttribute('type') ?? 'both',
      sizeBytes: bytesOf(bank.getAttribute('size'), bank.getAttribute('unit')),
      ...stepsOf(control),
    })),
  );
  const nodes = all(root, 'host/memory_bandwidth/node').flatMap((node) =>
    all(node, 'control').map((control) => {
      const step = number(control, 'granularity');
      return { id: number(node, 'id'), step, least: number(control, 'min') || step };
    }),
  );
  const monitored = [
    ['cache', 'host/cache/monitor'],
    ['bandwidth', 'host/memory_bandwidth/monitor'],
  ] as const;
  return {
    cache: banks,
    bandwidth: nodes,
    monitors: monitored.flatMap(([of, path]) => (first(root, path) ? [of] : [])),
  };
}

function stepsOf(control: Element): { readonly stepBytes: number; readonly leastBytes: number } {
  const unit = control.getAttribute('unit');
  const stepBytes = bytesOf(control.getAttribute('granularity'), unit);
  return { stepBytes, leastBytes: bytesOf(control.getAttribute('min'), unit) || stepBytes };
}

const number = (element: Element, name: string): number =>
  Number(element.getAttribute(name) ?? NaN);
