/** Kinds of disks on the lab, moved live by drover and by hand with `virsh migrate`, in turns; and how much of a sparse disk is written. */
import { parseArgs } from 'node:util';
import type { Drover } from '../client/drover.js';
import { makeGuest, onEveryHost, onHost, type EverydayGuest } from '../lab/everyday.js';
import { DISKS } from '../lab/kinds/disks.js';
import type { Kind, Made } from '../lab/kinds/kind.js';
import { connectToSite, startLabSite } from '../lab/site.js';
import { median } from './figures.js';
import { wholeNumber } from './options.js';

const NAME = 'bench30';
const NUMBER = 30;
const BY = { requestedBy: 'bench', reason: 'bench' };
/** What `virsh migrate` by hand can do without more than a disk made before. */
const BY_HAND = [
  'qcow2, local',
  'raw, local, sparse',
  'qcow2, shared folder',
  'raw, shared folder',
];

interface Move {
  readonly seconds: number;
  readonly downtimeMs: number;
  /** Bytes that the target’s file has on its disk, of those that the source’s had. */
  readonly written: number;
}

/** A fresh guest of the kind, which is gone afterwards. */
async function withGuest<T>(
  kind: Kind,
  work: (guest: EverydayGuest, made: Made) => Promise<T>,
): Promise<T> {
  const undos: (() => Promise<unknown>)[] = [];
  try {
    const made = await kind.make({ name: NAME, number: NUMBER, undo: (step) => undos.push(step) });
    const guest = await makeGuest({ ...made, name: NAME, number: NUMBER });
    undos.push(() => guest.remove());
    await guest.start('h1');
    return await work(guest, made);
  } finally {
    for (const undo of undos.reverse()) await undo();
  }
}

const allocated = async (host: string, path: string | undefined): Promise<number> =>
  path === undefined
    ? NaN
    : Number((await onHost(host, 'echo $(($(stat -c %b "$1") * 512))', path)).trim());

/** How long a move takes, and what it writes. */
async function measured({ path }: Made, move: () => Promise<number>): Promise<Move> {
  const before = await allocated('h1', path);
  const start = Date.now();
  const downtimeMs = await move();
  const seconds = (Date.now() - start) / 1000;
  return { seconds, downtimeMs, written: (await allocated('h2', path)) / before };
}

const byDrover = (drover: Drover, kind: Kind): Promise<Move> =>
  withGuest(kind, async (guest, made) => {
    await drover.discover('h1');
    return measured(made, async () => {
      const migration = await drover.startLiveMigration({
        ...BY,
        vm: guest.name,
        target: 'h2',
        isCarryingSecrets: kind.isCarryingSecrets ?? false,
        storageMaps: [...(kind.storageMaps ?? [])],
      });
      const { transfer } = await migration.result();
      return transfer?.downtimeMs ?? NaN;
    });
  });

/** The target’s disk as an operator makes it, then libvirt’s own move. */
const MAKE = `mkdir -p "$(dirname "$1")"; qemu-img create -q -f "$2" "$1" 16M`;
const byHand = (kind: Kind): Promise<Move> =>
  withGuest(kind, (guest, made) =>
    measured(made, async () => {
      const isShared = kind.name.includes('shared');
      const how = isShared ? '--unsafe' : '--copy-storage-all';
      const format = kind.name.startsWith('raw') ? 'raw' : 'qcow2';
      if (!isShared && made.path) await onHost('h2', MAKE, made.path, format);
      const move = `virsh -q migrate --live --p2p --persistent --undefinesource ${how} "$1" qemu+tcp://10.77.0.12/system`;
      await onHost('h1', move, guest.uuid);
      const info = await onHost('h2', 'virsh domjobinfo --completed "$1"', guest.uuid);
      return Number(/Total downtime:\s+(\d+)/.exec(info)?.[1] ?? NaN);
    }),
  );

/** A cold move of a sparse disk: what is written of it. */
const coldByDrover = (drover: Drover, kind: Kind): Promise<Move> =>
  withGuest(kind, async (guest, made) => {
    await drover.discover('h1');
    return measured(made, async () => {
      const options = { shutdownSeconds: 0, window: { seconds: 0, then: 'confirm' } } as const;
      const asked = { ...BY, vm: guest.name, target: 'h2', options };
      await (await drover.startColdMigration(asked)).result();
      return NaN;
    });
  });

async function rowOf(drover: Drover, kind: Kind, moves: number) {
  const [ours, hands, colds]: [Move[], Move[], Move[]] = [[], [], []];
  for (let round = 0; round < moves; round++) {
    const turns = [
      async () => void ours.push(await byDrover(drover, kind)),
      async () => void (BY_HAND.includes(kind.name) && hands.push(await byHand(kind))),
    ];
    for (const turn of round % 2 ? turns.toReversed() : turns) await turn();
    if (kind.name.includes('local') && !kind.name.includes('LUKS'))
      colds.push(await coldByDrover(drover, kind));
  }
  const of = (list: readonly Move[], what: keyof Move) => median(list.map((move) => move[what]));
  return {
    kind: kind.name,
    secondsDrover: of(ours, 'seconds'),
    secondsHand: of(hands, 'seconds'),
    downtimeMsDrover: of(ours, 'downtimeMs'),
    downtimeMsHand: of(hands, 'downtimeMs'),
    writtenLive: of(ours, 'written'),
    writtenCold: of(colds, 'written'),
  };
}

const shown = (value: number, digits: number): string =>
  Number.isNaN(value) ? '–' : value.toFixed(digits);

async function main(moves: number, word: string, isJson: boolean): Promise<void> {
  const site = await startLabSite();
  const drover = await connectToSite(site.env);
  const rows: Awaited<ReturnType<typeof rowOf>>[] = [];
  try {
    for (const kind of DISKS.filter(({ name, refuses }) => name.includes(word) && !refuses?.live)) {
      const row = await rowOf(drover, kind, moves);
      rows.push(row);
      process.stderr.write(
        `${kind.name}: ${shown(row.secondsDrover, 1)} s by drover, ${shown(row.secondsHand, 1)} s by hand\n`,
      );
    }
  } finally {
    await onEveryHost('rm -rf "/var/lib/libvirt/images/$1"', NAME);
    await drover.close();
    await site.stop();
  }
  if (isJson) return console.log(JSON.stringify(rows, null, 2));
  console.log(
    `\n| disk, medians of ${moves} moves, interleaved | drover s | by hand s | downtime ms | by hand ms | written of allocated, live | cold |`,
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const row of rows)
    console.log(
      `| ${row.kind} | ${shown(row.secondsDrover, 1)} | ${shown(row.secondsHand, 1)} | ${shown(row.downtimeMsDrover, 0)} | ${shown(row.downtimeMsHand, 0)} | ${shown(row.writtenLive, 2)} | ${shown(row.writtenCold, 2)} |`,
    );
}

const { moves, kind, json } = parseArgs({
  options: { moves: { type: 'string' }, kind: { type: 'string' }, json: { type: 'boolean' } },
}).values;
main(wholeNumber('moves', moves) ?? 5, kind ?? '', json ?? false).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
