/** A console stays in its own network (G21). */
import { addressLike } from '../../../../activities/host/console-address.js';

const at = (address: string, prefixLength = 24) => ({ address, prefixLength });
const SOURCE = [
  at('127.0.0.1', 8),
  at('10.0.0.11'),
  at('10.5.0.11'),
  at('192.168.7.11'),
  at('fd00::11', 64),
];
const TARGET = [
  at('127.0.0.1', 8),
  at('10.0.0.200', 32),
  at('10.0.0.12'),
  at('10.5.0.200', 32),
  at('172.16.0.12'),
  at('fd00::12', 64),
];

it.each([
  { name: 'the target’s of the same network', on: '10.0.0.11', is: '10.0.0.12' },
  { name: 'the same by IPv6', on: 'fd00::11', is: 'fd00::12' },
  { name: 'one that the target has too stays', on: '172.16.0.12', is: '172.16.0.12' },
  { name: 'a name stays, since each host resolves it', on: 'console.lan', is: 'console.lan' },
  {
    name: 'no service’s address, which may be on another host tomorrow',
    on: '10.5.0.11',
    is: undefined,
  },
  { name: 'none in another network', on: '192.168.7.11', is: undefined },
  { name: 'none for what the source does not have', on: '10.9.9.9', is: undefined },
])('$name', ({ on, is }) => {
  expect(addressLike(on, SOURCE, TARGET)).toBe(is);
});
