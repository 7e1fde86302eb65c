/** What is wrong with a value, in one sentence for an operator: never in the parser's own words. */
import { z } from 'zod';
import { present } from './defined.js';
import { along, bareOf, kindInWords, listed, metaOf, rangeOf, type AnySchema } from './schema.js';

/** How the sentence begins. */
export interface About {
  /** What the value is, for example a file or an argument. */
  readonly subject?: string;
  /** Whether an option is named by its flag or by its place in the value; programs know no flags. @default flags */
  readonly names?: 'flags' | 'paths';
}

/** The first thing that keeps the value from being what the schema asks for. */
export function inWords(schema: z.ZodType, given: unknown, about: About = {}): string {
  // Parsed again: what has no message then has none of drover's own.
  const { error } = schema.safeParse(given, { error: () => '' });
  const [issue] = error?.issues ?? [];
  if (!issue) return `${about.subject ?? 'it'} is not valid`;
  const schemas = along(schema, issue.path);
  const found: Found = {
    issue,
    schema: schemas.length > issue.path.length ? schemas.at(-1) : undefined,
    value: issue.path.reduce(valueAt, given),
    isSecret: schemas.some((each) => metaOf(each).isSecret),
  };
  return nameOf(issue.path, schemas, about) + predicateOf(found);
}

interface Found {
  readonly issue: z.core.$ZodIssue;
  /** The schema of the value, where it has one. */
  readonly schema: AnySchema | undefined;
  readonly value: unknown;
  readonly isSecret: boolean;
}

const valueAt = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

function nameOf(
  path: readonly PropertyKey[],
  schemas: readonly AnySchema[],
  { subject, names = 'flags' }: About,
): string {
  const flags = schemas.flatMap((each) => metaOf(each).flag ?? []);
  const flag = flags.at(-1)?.split(' ')[0];
  if (flag && names === 'flags') return flag;
  if (path.length === 0) return subject ?? 'it';
  return `${subject ? `${subject}: ` : ''}${path.map(String).join('.')}`;
}

function predicateOf(found: Found): string {
  const { issue, value } = found;
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, found);
  if (value === undefined) return ' is missing';
  if (issue.code === 'invalid_key') return ' is a name that cannot be used here';
  const own = ownWordsOf(issue);
  if (own) return `: ${own}${shownIn(found, (shown) => ` (given: ${shown})`)}`;
  if (value === '' && issue.code === 'too_small') return ' is empty';
  return ` takes ${takenBy(found)}${shownIn(found, (shown) => `, not ${shown}`)}`;
}

/** Only what a schema itself says; of a union, what its alternatives say. */
function ownWordsOf(issue: z.core.$ZodIssue): string {
  if (issue.message || issue.code !== 'invalid_union') return issue.message;
  const each = issue.errors.flatMap(([first]) => (first ? [ownWordsOf(first)] : []));
  return each.every(Boolean) ? [...new Set(each)].join(', or ') : '';
}

function unknownKeys(keys: readonly string[], { schema, value }: Found): string {
  const named = keys.map((key) => shortened(key)).join(', ');
  const bare = schema && bareOf(schema);
  const known = bare instanceof z.ZodObject ? Object.keys(bare.shape) : [];
  const left = known.filter((key) => valueAt(value, key) === undefined);
  const next = left.length > 0 ? `; it may also have ${left.join(', ')}` : '';
  return ` has ${named}, which drover does not know${next}`;
}

/** What the schema would have taken. */
function takenBy({ issue, schema, value }: Found): string {
  if (issue.code === 'invalid_value') return listed(issue.values);
  if (issue.code === 'invalid_format')
    return FORMATS[issue.format] ?? `text of the form ${issue.pattern ?? issue.format}`;
  if (issue.code === 'invalid_union' && 'options' in issue) return listed(issue.options);
  if (issue.code === 'not_multiple_of') return `multiples of ${issue.divisor}`;
  if (issue.code === 'invalid_type' && issue.expected === 'int' && typeof value === 'number')
    return wholeOf(schema);
  return sizeIn(issue) ?? (schema ? kindInWords(schema) : 'another value');
}

/** What is no whole number may lie in the range. */
const wholeOf = (schema: AnySchema | undefined): string =>
  ['a whole number', ...present([schema && rangeOf(bareOf(schema))])].join(', ');

/** How long a text or a list may be. */
function sizeIn(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined;
  if (issue.origin === 'number') return undefined;
  const [one, many] =
    issue.origin === 'string' ? ['character', 'characters'] : ['entry', 'entries'];
  const [bound, size] =
    issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  return `${bound} ${size} ${Number(size) === 1 ? one : many}`;
}

const FORMATS: Readonly<Record<string, string>> = {
  url: 'a URL',
  ipv4: 'an IPv4 address',
  cidrv4: 'an IPv4 range such as 10.0.0.0/8',
};

function shownIn({ value, isSecret }: Found, sentence: (shown: string) => string): string {
  if (isSecret) return '';
  if (Array.isArray(value)) return sentence(`a list of ${value.length}`);
  if (value === null) return sentence('nothing');
  if (typeof value === 'string') return sentence(shortened(value));
  if (typeof value === 'number' || typeof value === 'boolean') return sentence(String(value));
  return sentence('an object');
}

/** A word as it is; anything else as JSON has it, so that its end and its control characters show. */
function shortened(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return /^[\w.:/@+-]+…?$/.test(short) ? short : JSON.stringify(short);
}
