/** The difference of a domain's XML that a dry run shows. */
import { createTwoFilesPatch } from 'diff';
import type { Confidential } from '../../model/confidential.js';
import { hideSecrets } from '../../guest/xml/secrets.js';
import { parseXml, rootOf, serialize } from '../../guest/xml/document.js';
import type { Route } from '../../model/route.js';

/** A unified diff of the XML on the source and on the target, without secrets. Both are parsed and serialized first, so that quoting style makes no difference. */
export const xmlDiff = (
  { name, source, target }: Route,
  before: Confidential,
  after: Confidential,
): string =>
  createTwoFilesPatch(
    `${name} on ${source}`,
    `${name} on ${target}`,
    plain(before),
    plain(after),
    '',
    '',
    { context: 2 },
  );

const plain = (xml: Confidential): string => {
  const document = parseXml(xml.reveal(), 'domain');
  hideSecrets(rootOf(document));
  const lines = serialize(document).split('\n');
  return `${lines.filter((line) => line.trim() !== '').join('\n')}\n`;
};
