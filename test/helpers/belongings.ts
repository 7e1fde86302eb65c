/** All that belongs to a guest of the fake data centre, wherever it lies, to be compared before and after. */
import { filesOf, hostOf, withoutInode, type FakeWorld } from '../../drivers/fake/world.js';
import type { BelongingName } from '../../guest/belongings.js';
import { accountOf } from '../../guest/account/account.js';
import { parseXml, rootOf } from '../../guest/xml/document.js';
import { parseDomain } from '../../guest/xml/domain.js';
import { HostName } from '../../model/ids.js';
import { fileOf, folderOf } from '../../model/storage.js';

/** The guest that moves, and the one beside it. */
export const VM = 'vm1';
export const NEIGHBOUR = 'near1';

/** A row of guest/belongings.ts each, so that none can be forgotten; `undefined` if the host does not know the guest. */
export function belongingsOn(world: FakeWorld, on: string, name: string): object | undefined {
  const host = hostOf(world, HostName.parse(on));
  const guest = [...host.guests.values()].find((one) => one.name === name);
  if (!guest) return undefined;
  const facts = parseDomain(guest.definition);
  const contentOf = (path: string) => {
    const file = filesOf(world, host, path).get(path);
    return file && { ...file, inode: undefined };
  };
  const wholeOf = (path: string): string => {
    const content = contentOf(path)?.content ?? 'missing';
    const [, below] = /over:(\S+)/.exec(content) ?? [];
    return below === undefined
      ? content
      : `${content.replace(/ over:\S+/, '')} + ${wholeOf(below)}`;
  };
  const state = facts.tpm ? `${folderOf(facts.tpm.stateFolder)}/` : undefined;
  const own: Readonly<Record<BelongingName, unknown>> = {
    disks: facts.disks.map((disk) => {
      const path = fileOf(disk);
      return [disk.device, path ? wholeOf(path) : disk.source];
    }),
    layers: 'with the disks',
    nvram: facts.nvram && contentOf(facts.nvram),
    tpm: [...host.files]
      .filter(([path]) => state !== undefined && path.startsWith(state))
      .map(withoutInode),
    internalSnapshots: [guest.snapshots ?? [], guest.checkpoints ?? []],
    externalSnapshots: 'with the internal ones: both are domain snapshots',
    savedState: guest.hasManagedSave === true,
    autostart: guest.isAutostart,
    texts: [
      guest.definition.match(/passwd=["'][^"']*/g)?.map((found) => found.slice(8)) ?? [],
      /<metadata>.*<\/metadata>/s.exec(guest.definition)?.[0].replaceAll('"', "'"),
    ],
    secrets: 'the fake has none',
    ownership: facts.disks.map((disk) => contentOf(fileOf(disk) ?? '')?.owned),
    attributes: 'files of the fake have none',
    logs: 'nothing of the fake is logged to a file',
  };
  return { state: guest.state, elements: elementsOf(guest.definition), ...own };
}

/** Every element of its definition, but for what the account says is dropped. */
const elementsOf = (xml: string): string[] =>
  accountOf(rootOf(parseXml(xml, 'domain')))
    .filter(({ rows }) => !rows.some(({ cold }) => cold.does === 'dropped'))
    .map(({ path }) => path)
    .sort();
