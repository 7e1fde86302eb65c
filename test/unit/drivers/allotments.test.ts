/** Which shares a host can give is read of its capabilities. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllotments } from '../../../drivers/libvirt/allotments.js';

const MIB = 1024 ** 2;
const NONE = { cache: [], bandwidth: [], monitors: [] };

it('a host with resctrl tells its banks, its nodes and what it measures', () => {
  const read =
    parseAllotments(`<capabilities><host><cache><bank id='0' level='3' type='both' size='15' unit='MiB' cpus='0-5'>
    <control granularity='768' min='1536' unit='KiB' type='both' maxAllocs='4'/></bank>
    <bank id='1' level='3' type='both' size='15' unit='MiB' cpus='6-11'><control granularity='1' unit='MiB' type='code' maxAllocs='2'/></bank>
    <monitor level='3' reuseThreshold='270336' maxMonitors='176'><feature name='llc_occupancy'/></monitor></cache>
    <memory_bandwidth><node id='0' cpus='0-5'><control granularity='10' min='20' maxAllocs='4'/></node></memory_bandwidth></host></capabilities>`);

  expect(read).toEqual({
    cache: [
      {
        id: 0,
        level: 3,
        type: 'both',
        sizeBytes: 15 * MIB,
        stepBytes: 0.75 * MIB,
        leastBytes: 1.5 * MIB,
      },
      { id: 1, level: 3, type: 'code', sizeBytes: 15 * MIB, stepBytes: MIB, leastBytes: MIB },
    ],
    bandwidth: [{ id: 0, step: 10, least: 20 }],
    monitors: ['cache'],
  });
});

it('a host without it has nothing to give, though it tells its caches', () => {
  const file = join(__dirname, '../../fixtures/capabilities-libvirt-9.0.xml');

  expect(parseAllotments(readFileSync(file, 'utf8'))).toEqual(NONE);
});
