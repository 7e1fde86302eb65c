import { XdrReader, XdrWriter } from '../../../drivers/libvirt/rpc/xdr.js';
import { readJob } from '../../../drivers/libvirt/job.js';
import { codeThrownBy } from '../../helpers/thrown.js';

describe('XDR', () => {
  it('reads back what it writes', () => {
    const written = new XdrWriter()
      .int(-5)
      .uint(7)
      .uhyper(2 ** 40)
      .double(1.5)
      .string('käse')
      .optionalString(undefined)
      .opaque(Buffer.from([1, 2, 3]));
    const reader = new XdrReader(written.bytes());

    const values = [
      reader.int(),
      reader.uint(),
      reader.uhyper(),
      reader.double(),
      reader.string(),
      reader.optional(reader.string),
      reader.opaque(),
    ];

    expect(values).toEqual([-5, 7, 2 ** 40, 1.5, 'käse', undefined, Buffer.from([1, 2, 3])]);
  });

  it('keeps typed parameters of every type', () => {
    const params = [
      { name: 'a', type: 'int', value: -1 },
      { name: 'b', type: 'ullong', value: 2 ** 33 },
      { name: 'c', type: 'string', value: 'x' },
      { name: 'd', type: 'boolean', value: true },
      { name: 'e', type: 'double', value: 0.25 },
    ] as const;

    const read = new XdrReader(new XdrWriter().params(params).bytes()).params();

    expect([...read]).toEqual([
      ['a', -1],
      ['b', 2 ** 33],
      ['c', 'x'],
      ['d', true],
      ['e', 0.25],
    ]);
  });

  it.each([
    {
      name: 'a string longer than the packet',
      bytes: new XdrWriter().uint(0xffff_ffff).bytes(),
      read: (r: XdrReader) => r.string(),
    },
    { name: 'a truncated number', bytes: Buffer.from([0, 0]), read: (r: XdrReader) => r.int() },
    {
      name: 'an array of four thousand million items',
      bytes: new XdrWriter().uint(0xffff_ffff).bytes(),
      read: (r: XdrReader) => r.array(r.int),
    },
    {
      name: 'a parameter of an unknown type',
      bytes: new XdrWriter().uint(1).string('x').uint(99).uint(0).bytes(),
      read: (r: XdrReader) => r.params(),
    },
    {
      name: 'missing padding',
      bytes: Buffer.from([0, 0, 0, 1, 65]),
      read: (r: XdrReader) => r.string(),
    },
  ])('refuses $name', ({ bytes, read }) => {
    expect(codeThrownBy(() => read(new XdrReader(bytes)))).toBe('BAD_ANSWER');
  });

  it('survives random bytes', () => {
    for (let seed = 1; seed < 500; seed++) {
      const bytes = Buffer.from(
        Array.from({ length: seed % 64 }, (_, index) => (seed * 7919 + index * 104729) % 256),
      );
      try {
        readJob(new XdrReader(bytes));
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_ANSWER' });
      }
    }
  });
});
