/** Cold migration on the lab against the documented way by hand: flatten, scp, define, start (C1 to C4). */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { ColdMigrationInput, Drover } from '../client/drover.js';
import { guestState, runInLab, until } from '../lab/observer.js';
import { LAB_DIR } from '../lab/folder.js';
import { connectToSite, registerLab, startLabSite, type LabSite } from '../lab/site.js';
import { median } from './figures.js';
import { wholeNumber } from './options.js';

const run = promisify(execFile);
const VM = 'big1';
const IP = '10.77.0.109';
const FOLDER = `/var/lib/libvirt/images/${VM}`;
const DISK = `${FOLDER}/disk.qcow2`;
const MIB = 1024 * 1024;
const GUEST_SCRIPT = join(__dirname, '..', '..', 'lab', 'big-guest.sh');

const say = (text: string) => process.stderr.write(`${text}\n`);

/** A fresh guest on h1, booted and known. */
async function makeGuest(site: LabSite, gib: number, mib: number): Promise<void> {
  await run('bash', [GUEST_SCRIPT, 'make', String(gib), String(mib)]);
  await until(
    () =>
      guestState(IP).then(
        () => true,
        () => false,
      ),
    'the guest to boot',
    60_000,
  );
  await registerLab(site.env);
}

interface Move {
  /** From the request to the guest's start on the target. */
  readonly runningMs: number;
  /** From the last answer on the source to the first on the target. */
  readonly downtimeMs: number;
  readonly wireBytes: number;
}

/** Watches the guest's web server and the source's link meanwhile. */
async function observed(work: () => Promise<number>): Promise<Move> {
  const sentBytes = async () =>
    Number(await runInLab('h1', ['cat', '/sys/class/net/uplink/statistics/tx_bytes']));
  const answers: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const probe = ['curl', '-s', '-m', '0.3', '-o', '/dev/null', `http://${IP}/cgi-bin/config`];
      await runInLab('fabric', probe).then(
        () => answers.push(Date.now()),
        () => undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const before = await sentBytes();
  const runningMs = await work();
  const wireBytes = (await sentBytes()) - before;
  const arrived = Date.now();
  await until(() => (answers.at(-1) ?? 0) > arrived, 'the guest’s first answer', 120_000);
  isOver = true;
  await asking;
  const gaps = answers.map((at, index) => at - (answers[index - 1] ?? at));
  return { runningMs, wireBytes, downtimeMs: Math.max(...gaps) };
}

/** drover, until the guest runs on h2; confirmed afterwards. */
const byDrover = (drover: Drover, options: ColdMigrationInput['options']) => async () => {
  const start = Date.now();
  const migration = await drover.startColdMigration({
    vm: VM,
    target: 'h2',
    requestedBy: 'bench',
    reason: 'bench',
    options: { window: { seconds: 0, then: 'confirm' }, ...options },
  });
  let runningMs = 0;
  for await (const { steps } of migration.watch(20)) {
    const started = steps.find(({ name }) => name === 'guest.start');
    if (started?.state !== 'done') continue;
    runningMs = (started.startedAtMs ?? 0) + (started.durationMs ?? 0) - start;
    break;
  }
  await migration.result();
  return runningMs;
};

/** What an operator types: shut down, flatten, copy, define, start. */
const byHand = (limitMibPerSec: number | undefined) => async () => {
  const start = Date.now();
  const limit = limitMibPerSec ? `-l ${limitMibPerSec * 8 * 1024}` : '';
  await runInLab('h1', [
    'sh',
    '-c',
    `virsh -q shutdown ${VM}; while virsh domstate ${VM} | grep -q running; do sleep 0.05; done
    qemu-img convert -O qcow2 ${DISK} ${FOLDER}/flat.qcow2
    ssh -i /root/key -o StrictHostKeyChecking=no -o LogLevel=ERROR root@10.77.0.12 mkdir -p ${FOLDER}
    scp -O -q ${limit} -i /root/key -o StrictHostKeyChecking=no -o LogLevel=ERROR ${FOLDER}/flat.qcow2 root@10.77.0.12:${DISK}
    scp -O -q -i /root/key -o StrictHostKeyChecking=no -o LogLevel=ERROR ${LAB_DIR}/run/${VM}.xml root@10.77.0.12:/tmp/${VM}.xml`,
  ]);
  await runInLab('h2', ['sh', '-c', `virsh -q define /tmp/${VM}.xml; virsh -q start ${VM}`]);
  return Date.now() - start;
};

async function speed(site: LabSite, drover: Drover, moves: number, mib: number) {
  const [hand, nbd, plain]: [Move[], Move[], Move[]] = [[], [], []];
  for (let round = 1; round <= moves; round++) {
    await makeGuest(site, 4, mib);
    nbd.push(await observed(byDrover(drover, { copy: 'nbd' })));
    await makeGuest(site, 4, mib);
    plain.push(await observed(byDrover(drover, { copy: 'nbd', isPlain: true })));
    await makeGuest(site, 4, mib);
    hand.push(await observed(byHand(undefined)));
    say(
      `round ${round} of ${moves}: ${nbd.at(-1)?.runningMs ?? 0} ms by drover, ${plain.at(-1)?.runningMs ?? 0} ms in plain, ${hand.at(-1)?.runningMs ?? 0} ms by hand`,
    );
  }
  const of = (list: Move[]) => median(list.map(({ runningMs }) => runningMs));
  return {
    runningMsDrover: of(nbd),
    runningMsPlain: of(plain),
    runningMsHand: of(hand),
    timesFaster: of(hand) / of(nbd),
    wirePerData: median(nbd.map(({ wireBytes }) => wireBytes / (mib * MIB))),
  };
}

async function downtime(site: LabSite, drover: Drover, mib: number, limit: number) {
  await makeGuest(site, 4, mib);
  const warm = await observed(byDrover(drover, { isWarm: true, bandwidthMibPerSec: limit }));
  await makeGuest(site, 4, mib);
  const hand = await observed(byHand(limit));
  return {
    limitMibPerSec: limit,
    downtimeMsWarm: warm.downtimeMs,
    downtimeMsHand: hand.downtimeMs,
    timesLess: hand.downtimeMs / warm.downtimeMs,
  };
}

/** The worker's resident memory at its highest while a disk is copied. */
async function memory(site: LabSite, drover: Drover, gib: number): Promise<number> {
  await makeGuest(site, gib, 64);
  let highest = 0;
  const sample = setInterval(() => {
    const [, kib = '0'] =
      /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${site.pid}/status`, 'utf8')) ?? [];
    highest = Math.max(highest, Number(kib) / 1024);
  }, 50);
  await byDrover(drover, { copy: 'nbd' })();
  clearInterval(sample);
  return highest;
}

const PARTS = ['speed', 'downtime', 'memory'] as const;

/** What scripts/bench explains. */
function asked() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { moves: text, data: text, limit: text, only: text, json: { type: 'boolean' } },
  });
  const parts = PARTS.filter((name) => values.only === undefined || name === values.only);
  if (parts.length === 0) throw new Error(`--only takes ${PARTS.join(', ')}`);
  return {
    parts,
    isJson: values.json ?? false,
    moves: wholeNumber('moves', values.moves) ?? 5,
    dataMib: wholeNumber('data', values.data) ?? 1024,
    limitMibPerSec: wholeNumber('limit', values.limit) ?? 10,
  };
}

async function main({ parts, isJson, moves, dataMib, limitMibPerSec }: ReturnType<typeof asked>) {
  const site = await startLabSite();
  const drover = await connectToSite(site.env);
  const key = readFileSync(join(LAB_DIR, 'ssh', 'id_ed25519'), 'utf8');
  await runInLab('h1', ['sh', '-c', 'umask 077; printf %s "$1" >/root/key', 'sh', key]);
  try {
    const measure: Readonly<Record<(typeof PARTS)[number], () => Promise<Record<string, number>>>> =
      {
        speed: () => speed(site, drover, moves, dataMib),
        downtime: () => downtime(site, drover, dataMib, limitMibPerSec),
        memory: async () => ({
          memoryMib1GiB: Math.max(await memory(site, drover, 1), await memory(site, drover, 1)),
          memoryMib16GiB: await memory(site, drover, 16),
        }),
      };
    const figures: Record<string, number> = {};
    for (const name of parts) Object.assign(figures, await measure[name]());
    if (isJson) console.log(JSON.stringify(figures, null, 2));
    else {
      console.log('\n| what | figure |\n|---|---|');
      for (const [name, value] of Object.entries(figures))
        console.log(`| ${name} | ${Number(value.toFixed(2))} |`);
    }
  } finally {
    await run('bash', [GUEST_SCRIPT, 'remove']);
    await runInLab('h1', ['rm', '-f', '/root/key']);
    await drover.close();
    await site.stop();
  }
}

main(asked()).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
