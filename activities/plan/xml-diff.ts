/** How a dry run shows what becomes of a domain's XML. */
import { createTwoFilesPatch } from 'diff';
import type { Confidential } from '../../model/confidential.js';
import { hideSecrets } from '../../guest/xml/secrets.js';
import { parseXml, rootOf, serialize } from '../../guest/xml/document.js';
import type { Route } from '../../model/migration.js';

/** A unified diff, from the source's view to the target's, without secrets; both are written alike, so that quotes are no difference. */
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
  return `${serialize(document).replace(/^\s*\n/gm, '')}\n`;
};
