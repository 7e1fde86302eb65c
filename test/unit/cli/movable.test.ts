/** What `drover vms` and `drover show` say of whether a guest can move. */
import { guestXml } from '../../../drivers/fake/build.js';
import { parseDomain } from '../../../guest/xml/domain.js';
import { objection } from '../../../model/objection.js';
import { movableText } from '../../../cli/movable.js';

const guest = (disks: Parameters<typeof guestXml>[0]['disks']) => ({
  ...parseDomain(guestXml({ number: 1, name: 'vm1', host: 'h1', disks })),
  state: 'running' as const,
});

it('they do not promise what nobody has looked at: an image may refuse yet', () => {
  expect(movableText(guest(['local']))).toBe('live, cold; images not looked at');
});

it('a guest without images moves as its definition says', () => {
  expect(movableText({ ...guest(['local']), disks: [] })).toBe('live, cold');
});

it('a guest that cannot move is not movable, whatever its images are', () => {
  const tied = { ...guest(['local']), objections: [objection('hostdev', 'stays', 'detach it')] };

  expect(movableText(tied)).toBe('no');
});
