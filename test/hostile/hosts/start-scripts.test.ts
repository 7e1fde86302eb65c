/** A program that a definition names for its interface is run by nobody before a person has said so (S6). */
import { IMAGES, onHost } from '../../../lab/everyday.js';
import { everydayLab, expectRefused } from '../../helpers/everyday.js';

const { lab, make, litter } = everydayLab();

const SCRIPT = `${IMAGES}/script1-up`;
const TRACE = `${IMAGES}/script1-ran`;

it('not to try out the definition either', async () => {
  litter(SCRIPT, TRACE);
  for (const host of ['h1', 'h2'])
    await onHost(host, 'printf "#!/bin/sh\\nid >%s\\n" "$2" >"$1"; chmod 755 "$1"', SCRIPT, TRACE);
  const guest = await make({
    name: 'script1',
    number: 59,
    interfaces: `<interface type='bridge'><mac address='52:54:00:77:00:59'/><source bridge='br0'/><script path='${SCRIPT}'/><model type='virtio'/></interface>`,
  });

  await expectRefused(lab, guest, {
    move: 'cold',
    to: 'h2',
    says: /script \S+script1-up is a program that the host runs as root.*--accept interface-script/,
  });
  const plan = await lab.drover.startColdMigration({
    vm: guest.name,
    target: 'h2',
    requestedBy: 'test',
    reason: 'lab test',
    mode: 'plan',
    accept: ['interface-script'],
  });

  expect(await plan.result()).toMatchObject({ outcome: 'planned' });
  for (const host of ['h1', 'h2'])
    expect(await onHost(host, 'ls "$1" 2>&1 || :', TRACE)).toContain('No such file');
});
