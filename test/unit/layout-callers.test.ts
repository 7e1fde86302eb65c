/** What can lose a guest or a file is called by the files that are named here, each with the reason why it may. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
/** All but the drivers, which have these verbs and call none of them for a step. */
const FOLDERS = ['activities', 'cli', 'client', 'inventory', 'planning', 'workers', 'workflows'];

/** By name: who may use it, and why that file may. A file without a sentence may not. */
const MAY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  knownFree: {
    'activities/host/free.ts': 'It is declared there.',
    'activities/disks/made.ts':
      'It asks with usedFor which of the files others use, and removeOwned takes only what this migration has marked.',
    'activities/disks/into-devices.ts':
      'It asks with usedFor which devices others use, and gives back only those that this migration has taken.',
    'activities/disks/overlays-back.ts':
      'The names have this migration’s id, and requireNothingOver has asked the guest and the others, before the commit and after it.',
    'activities/disks/flatten.ts':
      'The names have this migration’s id: only its own flattening makes such files.',
    'activities/fleet/traces.ts':
      'An unfinished file or a probe has the id of a migration that is over in its name; of a marked file usersOf has found no user.',
  },
  knownFreeRenames: {
    'activities/host/free.ts': 'It is declared there.',
    'activities/directory/set-aside.ts':
      'It asks freeAmong and refuses what is used; its undo takes back the names that it has given.',
    'activities/disks/transfer.ts':
      'Both ends see the same file, which directory.setAside has asked about and renamed.',
    'activities/fleet/asides.ts':
      'usersIn has found no user, and the only VM that names the file is off, and on this host alone.',
  },
  undefine: {
    'activities/definition/define.ts':
      'The undo of the definition on the target: only while the guest is off there and the source still knows it.',
    'activities/source/destroy.ts':
      'After the pivot of a live move: requireOnTarget has asked both hosts.',
    'activities/source/discard.ts':
      'After the confirmation of a cold move: requireOnTarget has asked both hosts.',
  },
  destroy: {
    'activities/guest/power-off.ts':
      'The deadline of the shutdown that was asked for, on a guest that still has this migration’s mark.',
    'activities/guest/start.ts':
      'The undo of the start on the target: it ends only what this migration has started there.',
    'activities/guest/settle-on-target.ts':
      'An operator’s decision: the copy on the source is paused, and the target’s has all of the memory.',
  },
  removeCopies: {
    'activities/disks/copying.ts':
      'It is declared there, and asks through removeUnused who uses what arrived.',
    'activities/disks/precopy.ts': 'The undo of the first part of a warm copy, on its target.',
    'activities/disks/transfer.ts':
      'The undo of a copy, after requireWayBack has found the source’s disks whole.',
    'activities/fleet/traces.ts':
      'The host’s verb of that name ends the work of a migration that is over; no disk is in its folder.',
  },
  absorb: {
    'activities/disks/overlays-back.ts':
      'The undo of a warm copy, on the source: the guest is off or gone, and requireNothingOver has asked about the overlay.',
    'activities/disks/transfer.ts':
      'On the target: base and overlay are this migration’s copies, and the guest is not defined there yet.',
  },
};

/** Which names a file has in its code, not in a comment or in a sentence; `x['destroy']` counts too. */
function namesIn(file: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  return names;
}

const USED = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ file: `${folder}/${name}`, names: namesIn(join(ROOT, folder, name)) })),
);

it.each(Object.entries(MAY))('%s is used by those that may, and by nobody else', (name, may) => {
  const using = USED.filter(({ names }) => names.has(name)).map(({ file }) => file);

  // A new one has asked who uses what it takes: say here how it knows, in a sentence.
  expect(using.sort()).toEqual(Object.keys(may).sort());
});
