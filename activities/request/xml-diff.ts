/** How a dry run shows what becomes of a domain's XML. */
import { createTwoFilesPatch } from 'diff';
import { parseXml, serialize } from '../../drivers/libvirt/xml/document.js';
import type { Route } from '../../model/migration.js';

/** A unified diff, from the source's view to the target's; both are written alike, so that quotes are no difference. */
export const xmlDiff = ({ name, source, target }: Route, before: string, after: string): string =>
  createTwoFilesPatch(
    `${name} on ${source}`,
    `${name} on ${target}`,
    plain(before),
    plain(after),
    '',
    '',
    { context: 2 },
  );

const plain = (xml: string): string =>
  `${serialize(parseXml(xml, 'domain')).replace(/^\s*\n/gm, '')}\n`;
