// npm run bench -- --only sign,accept --quick
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Devstack, startDevstack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { installSchemas } from '@malote/schemas/install';
import type { GroupContext } from './group.ts';
import { GROUPS, type GroupName, isGroupName, USUAL } from './groups/all-groups.ts';
import { opensslRsaSigns } from './limits.ts';
import { machineLine, thisMachine } from './machine.ts';
import { measurePeers, type Peers } from './peers/measure-peers.ts';
import { type Row, tableOf } from './row.ts';
import { ROOT, startStage } from './stage.ts';

const USAGE = `npm run bench -- [options]
  --only LIST     groups: ${Object.keys(GROUPS).join(', ')}
                  (default: ${USUAL.join(',')}; quick: all)
  --quick         everything small, to see that it works; the figures mean nothing
  --seconds N     of each measured load (default 20, quick 3)
  --documents N   stored documents of the growth (default 1000000, quick 5000)
  --companies N   stored companies of the growth (default 10000, quick 200)
  --notes N       of the memory group (default 100000, quick 500)
  --fast          the simulator checks neither schema nor signature, in every group
  --no-peers      without the peers, which npm would install into .malote/bench-peers
  --profile DIR   CPU profiles of edge, emission and simulator (read them with node bench/profile-summary.ts)
  --json FILE     where the figures go as JSON (default bench/results/<date>.json)
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const log = (line: string): void =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);

// Every child ends with this process, however it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
process.on('disconnect', () => process.exit(130));

process.exitCode = await main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  return 1;
});
process.exit();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      documents: { type: 'string' },
      companies: { type: 'string' },
      notes: { type: 'string' },
      fast: { type: 'boolean', default: false },
      'no-peers': { type: 'boolean', default: false },
      profile: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const { quick, fast, profile } = values;
  const usual = quick ? Object.keys(GROUPS) : USUAL;
  const names = (values.only?.split(',') ?? usual).map((name): GroupName => {
    if (!isGroupName(name)) throw new Error(`--only ${name}: no such group\n\n${USAGE}`);
    return name;
  });
  const size = (name: 'seconds' | 'documents' | 'companies' | 'notes', usual: number, small: number) =>
    values[name] === undefined ? (quick ? small : usual) : number(name, values[name]);
  const sizes = {
    seconds: size('seconds', 20, 3),
    documents: size('documents', 1_000_000, 5_000),
    companies: size('companies', 10_000, 200),
    notes: size('notes', 100_000, 500),
  };

  const dir = join(ROOT, '.malote', `bench-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const schemasDir = process.env.MALOTE_TEST_SCHEMAS ?? join(ROOT, '.malote', 'schemas');
  await installSchemas({ dir: schemasDir });

  const machine = thisMachine();
  print(machineLine(machine));
  const rate = quick ? { windows: 2, windowMs: 200 } : { windows: 5, windowMs: 1_000 };
  let stack: Devstack | undefined;
  let peers: Promise<Peers> | undefined;
  let rsa: { perSecond: number | undefined } | undefined;
  const context: GroupContext = {
    ...{ sizes, rate, fast, dir, schemasDir, log, withPeers: !values['no-peers'] },
    async stage(options) {
      stack ??= await startDevstack({ dir: join(dir, 'servers'), log });
      return startStage({ stack, dir, schemasDir }, { ...(profile ? { profileDir: profile } : {}), ...options });
    },
    peers() {
      const none: Peers = { figures: [], about: '' };
      peers ??= values['no-peers'] ? Promise.resolve(none) : measurePeers(join(ROOT, '.malote', 'bench-peers'), rate, log);
      return peers;
    },
    rsaLimit() {
      rsa ??= { perSecond: opensslRsaSigns(quick ? 1 : 3) };
      return rsa.perSecond;
    },
  };
  const rows: Row[] = [];
  try {
    for (const name of names) rows.push(...(await GROUPS[name](context)));
  } finally {
    await stack?.stop();
  }
  print(`\n${tableOf(rows)}\n`);
  const measured = await peers;
  if (measured) print(peersLine(measured));
  if (quick) print('--quick: the figures mean nothing.');
  const file =
    values.json ?? join(import.meta.dirname, 'results', `${systemClock.now().toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
  mkdirSync(join(file, '..'), { recursive: true });
  const report = { at: systemClock.now().toISOString(), machine, options: { ...values, ...sizes }, rows, peers: measured };
  writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
  print(`written to ${file}`);
  return 0;
}

function peersLine({ about, error, figures }: Peers): string {
  const missing = figures.filter((figure) => figure.error).map((f) => `${f.peer} ${f.task} ${f.items}: ${f.error}`);
  return ['peers:', error ?? (about || 'not measured'), ...missing].join('\n  ');
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text}: must be a number above 0\n\n${USAGE}`);
  return value;
}
