/** XDR as libvirt uses it (RFC 4506): bounded reading of hostile input, and writing. */
import { CodedError } from '../../../model/errors.js';

/** A typed parameter's value: libvirt's int, uint, llong, ullong, double, boolean and string. */
export type ParamValue = number | string | boolean;
/** Parameters in order; a name may repeat (`migrate_disks`). */
export type Params = readonly {
  readonly name: string;
  readonly type: ParamType;
  readonly value: ParamValue;
}[];

/** virTypedParameterType. */
export const PARAM = {
  int: 1,
  uint: 2,
  llong: 3,
  ullong: 4,
  double: 5,
  boolean: 6,
  string: 7,
} as const;
export type ParamType = keyof typeof PARAM;

const NAME_OF = new Map<number, ParamType>(
  Object.entries(PARAM).map(([name, id]) => [id, name as ParamType]),
);

/** Reads values in order; throws BAD_ANSWER instead of reading past the end or believing a huge count. */
export class XdrReader {
  private offset = 0;
  constructor(private readonly bytes: Buffer) {}

  int = (): number => this.take(4).readInt32BE();
  uint = (): number => this.take(4).readUInt32BE();
  /** A 64-bit integer as a number; libvirt's counters stay far below 2^53. */
  hyper = (): number => toSafe(this.take(8).readBigInt64BE());
  uhyper = (): number => toSafe(this.take(8).readBigUInt64BE());
  double = (): number => this.take(8).readDoubleBE();
  bool = (): boolean => this.int() !== 0;

  /** Fixed-length opaque data, padded to four bytes. */
  fixed(length: number): Buffer {
    const value = this.take(length);
    this.take((4 - (length % 4)) % 4);
    return value;
  }
  opaque = (): Buffer => this.fixed(this.uint());
  string = (): string => this.opaque().toString('utf8');
  optional = <T>(read: () => T): T | undefined => (this.uint() === 0 ? undefined : read());

  /** A counted array. An item takes at least four bytes, so a count beyond that is a lie. */
  array<T>(read: () => T): T[] {
    const count = this.uint();
    if (count > this.left / 4) throw bad(`an array of ${count} items in ${this.left} bytes`);
    return Array.from({ length: count }, read);
  }

  /** Typed parameters as a map; of a repeated name the last one counts. */
  params(): Map<string, ParamValue> {
    return new Map(this.array(() => [this.string(), this.paramValue()] as const));
  }

  private paramValue(): ParamValue {
    const id = this.uint();
    const type = NAME_OF.get(id);
    switch (type) {
      case 'int':
        return this.int();
      case 'uint':
        return this.uint();
      case 'llong':
        return this.hyper();
      case 'ullong':
        return this.uhyper();
      case 'double':
        return this.double();
      case 'boolean':
        return this.bool();
      case 'string':
        return this.string();
      case undefined:
        throw bad(`a typed parameter of type ${id}`);
    }
  }

  private get left(): number {
    return this.bytes.length - this.offset;
  }

  private take(length: number): Buffer {
    if (length > this.left) throw bad(`${length} bytes wanted, ${this.left} left`);
    const value = this.bytes.subarray(this.offset, this.offset + length);
    this.offset += length;
    return value;
  }
}

/** Writes values in order. */
export class XdrWriter {
  private readonly parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value | 0);
    return this.add(part);
  }
  uint(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value >>> 0);
    return this.add(part);
  }
  uhyper(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64BE(BigInt(Math.trunc(value)));
    return this.add(part);
  }
  double(value: number): this {
    const part = Buffer.alloc(8);
    part.writeDoubleBE(value);
    return this.add(part);
  }
  fixed(value: Buffer): this {
    return this.add(value).add(Buffer.alloc((4 - (value.length % 4)) % 4));
  }
  opaque(value: Buffer): this {
    return this.uint(value.length).fixed(value);
  }
  string(value: string): this {
    return this.opaque(Buffer.from(value, 'utf8'));
  }
  optionalString(value: string | undefined): this {
    return value === undefined ? this.uint(0) : this.uint(1).string(value);
  }
  params(params: Params): this {
    this.uint(params.length);
    for (const { name, type, value } of params) {
      this.string(name).uint(PARAM[type]);
      if (type === 'string') this.string(String(value));
      else if (type === 'double') this.double(Number(value));
      else if (type === 'llong' || type === 'ullong') this.uhyper(Number(value));
      else this.int(Number(value));
    }
    return this;
  }
  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
  private add(part: Buffer): this {
    this.parts.push(part);
    return this;
  }
}

const bad = (what: string): CodedError =>
  new CodedError('BAD_ANSWER', `libvirt's answer cannot be read: ${what}`, {
    hint: 'Is this really libvirtd? See docs/hosts.md for the versions that are supported.',
  });

function toSafe(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER) && value < 0xffff_ffff_ffff_ffffn)
    throw bad(`the number ${value}`);
  return Number(value);
}
