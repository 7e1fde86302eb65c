/** What in a domain keeps its guest from moving, and what starting it needs of a host: read from its account. */
import type { Element } from '@xmldom/xmldom';
import type { NeedOf } from '../model/need.js';
import { objection, type Move, type Objection } from '../model/objection.js';
import type { Accounted } from './account/account.js';
import type { Fate, Refusal } from './account/fate.js';
import { attributesOf, isKnownAttribute, mayBePath } from './account/attributes.js';
import { nameOf } from './names.js';
import { all } from './xml/document.js';

const TAKE_OUT = 'take it out (virsh edit), if the guest can do without';
const MOVES: readonly Move[] = ['live', 'cold'];
/** The word of a command line's accept is made of these. */
const UNSPEAKABLE = /[^a-z0-9:._/-]/gi;

/** Every reason in the domain's XML, once each. */
export const objectionsIn = (root: Element, account: readonly Accounted[]): Objection[] =>
  merged([
    ...hypervisorOf(root),
    ...unknownAttributes(root, 'domain', 'domain'),
    ...sameMacs(root),
    ...account.flatMap(objectionsTo),
  ]);

function objectionsTo(accounted: Accounted): Objection[] {
  const { element, path, rows } = accounted;
  if (rows.length === 0) return [unaccounted(accounted)];
  const name = nameOf(element, path);
  const refusing = MOVES.flatMap((move) =>
    rows.flatMap((row) =>
      refusalsOf(row[move], element).map((one) => objectionOf(one, name, move)),
    ),
  );
  return [...refusing, ...unknownAttributes(element, path, name), ...unknownPaths(accounted)];
}

const refusalsOf = (fate: Fate, element: Element): readonly Refusal[] =>
  fate.does === 'refused' ? fate.refusals(element) : [];

const objectionOf = (
  { about, why, wayOut, accept }: Refusal,
  name: string,
  move: Move,
): Objection => ({
  about: about ?? name,
  why,
  wayOut,
  moves: [move],
  accept,
});

/** Nothing is dropped unseen, and nothing is sent that nobody has thought of. */
function unaccounted({ element, path, isKnown }: Accounted): Objection {
  const of = ['type', 'mode', 'model'].flatMap((name) => element.getAttribute(name) ?? [])[0];
  const why =
    isKnown && of !== undefined
      ? `is of a kind that drover does not know: ${of}`
      : 'is an element of the definition that drover does not know';
  return objection(isKnown ? nameOf(element, path) : path, why, TAKE_OUT, {
    accept: path.replace(UNSPEAKABLE, '_'),
  });
}

/** Whatever becomes of the element: nobody has thought of this part of it. */
const unknownAttributes = (element: Element, path: string, about: string): Objection[] =>
  attributesOf(element)
    .filter(({ name }) => !isKnownAttribute(path, name))
    .map(({ name }) =>
      objection(about, `has an attribute that drover does not know: ${name} of ${path}`, TAKE_OUT, {
        accept: `${path}/${name}`.replace(UNSPEAKABLE, '_'),
      }),
    );

/** A path where none is known to be: something of this host's, of which nobody can say whether the target has it. */
function unknownPaths({ element, path, rows }: Accounted): Objection[] {
  // What does more than travel looks at its own text, and at the attributes that are known to be paths.
  const isPlain = rows.every(
    ({ live, cold }) => live.does === 'travels' && cold.does === 'travels',
  );
  const values = attributesOf(element)
    .filter(({ name }) => isPlain || !mayBePath(path, name))
    .map(({ value }) => value);
  const text = Array.from(element.childNodes)
    .filter(({ nodeType }) => isPlain && nodeType === 3)
    .map((node) => node.nodeValue?.trim() ?? '');
  return [...values, ...text]
    .filter((value) => value.startsWith('/'))
    .map((value) =>
      objection(
        nameOf(element, path),
        `names ${value}, and drover does not know what that is`,
        TAKE_OUT,
        { accept: path.replace(UNSPEAKABLE, '_') },
      ),
    );
}

const hypervisorOf = (root: Element): Objection[] => {
  const type = root.getAttribute('type') ?? '';
  return ['kvm', 'qemu', 'hvf'].includes(type)
    ? []
    : [
        objection(
          'domain',
          `is one of ${type || 'no hypervisor'}`,
          'drover moves guests of QEMU and KVM',
        ),
      ];
};

/** drover tells a guest's ports apart by their addresses, as a switch does. */
function sameMacs(root: Element): Objection[] {
  const macs = all(root, 'devices/interface/mac').map((mac) =>
    (mac.getAttribute('address') ?? '').toLowerCase(),
  );
  const twice = [...new Set(macs.filter((mac, index) => macs.indexOf(mac) !== index))];
  return twice.map((mac) =>
    objection(
      `interface ${mac}`,
      'has the address of another interface of this guest',
      'give one of them another (virsh edit)',
    ),
  );
}

/** What both kinds of move object to, said once. */
function merged(objections: readonly Objection[]): Objection[] {
  const found = new Map<string, Objection>();
  for (const one of objections) {
    const key = JSON.stringify([one.about, one.why, one.accept]);
    const known = found.get(key);
    const moves = MOVES.filter((move) => known?.moves.includes(move) || one.moves.includes(move));
    found.set(key, { ...one, moves });
  }
  return [...found.values()];
}

/** Everything that the domain's start needs of a host. */
export const needsIn = (account: readonly Accounted[]): NeedOf[] =>
  account.flatMap(({ element, path, rows }) =>
    rows.flatMap((row) =>
      MOVES.flatMap((move) => {
        const fate = row[move];
        if (fate.does !== 'needed') return [];
        return fate
          .needs(element)
          .map((need) => ({ about: nameOf(element, path), need, moves: [move] }));
      }),
    ),
  );
