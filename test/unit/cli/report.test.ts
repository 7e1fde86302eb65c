/** How a migration's end reads. */
import { jest } from '@jest/globals';
import { printReport } from '../../../cli/report.js';

it('a move that was taken back says what stays, and where', () => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  printReport({
    outcome: 'reverted',
    vm: 'web1',
    uuid: '',
    source: 'h1',
    target: 'h2',
    targetReason: 'asked for',
    disks: [],
    remarks: ['/srv/web1.qcow2 on h2 stays'],
  });
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join('');
  write.mockRestore();

  expect(text).toContain('web1 is back on h1: asked for\n  /srv/web1.qcow2 on h2 stays\n');
});
