/** A domain's XML for the target host: what the account rewrites or drops, and nothing else (Nova's get_updated_guest_xml). */
import { accountOf, type Accounted } from './account/account.js';
import type { Fate, RewriteContext } from './account/fate.js';
import { nameOf } from './names.js';
import { parseXml, rootOf, serialize } from './xml/document.js';
import { CodedError } from '../model/errors.js';

/**
 * Rewrites a domain's XML for the target. Guest addresses are never touched.
 * @returns the XML, and in words what was changed and what was dropped
 * @throws DEFINITION_UNSUPPORTED for what no kind of move and no person can bring along: it has come since the checks
 */
export function renderedFor(
  xml: string,
  context: RewriteContext,
): { xml: string; changes: string[]; dropped: string[] } {
  const document = parseXml(xml, 'domain');
  const account = accountOf(rootOf(document));
  account.forEach(refuseTied);
  const apply = (does: 'rewritten' | 'dropped') =>
    account.flatMap(({ element, rows }) =>
      rows.flatMap(({ cold: fate }) => (fate.does === does ? fate.rewrite(element, context) : [])),
    );
  const changes = apply('rewritten');
  const dropped = apply('dropped');
  return { xml: serialize(document), changes, dropped };
}

function refuseTied({ element, path, rows }: Accounted): void {
  const isFinal = (fate: Fate) =>
    fate.does === 'refused' && fate.refusals(element).some(({ accept }) => accept === undefined);
  if (!rows.some(({ live, cold }) => isFinal(live) && isFinal(cold))) return;
  throw new CodedError(
    'DEFINITION_UNSUPPORTED',
    `${nameOf(element, path)} cannot come to the target`,
    { hint: 'A dry run (drover migrate VM --dry-run) says why, and what you can do.' },
  );
}
