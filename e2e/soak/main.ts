// npm run soak -- --notes 20000 --faults 10% --seed 7
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDevstack } from '@malote/devstack/devstack';
import { systemClock } from '@malote/runtime/clock';
import { ROOT } from '../hub.ts';
import { reportText } from './report.ts';
import { isClean, runSoak } from './run-soak.ts';

const USAGE = `npm run soak -- [options]
  --notes N       notes to emit (default 2000)
  --faults P      share of them that meet a fault of SEFAZ, 10% or 0.1 (default 10%)
  --seed N        of faults, kills and clock (default: a random one, which the report names)
  --rate N        notes posted per second (default 15)
  --fast          the simulator checks neither schema nor signature
  --victims LIST  what is ended at random, e.g. mongodb,edge (default: everything)
  --without LIST  protections taken out, e.g. version: the soak is then expected to fail
  --report FILE   the report as JSON too
`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const startedAt = performance.now();
const log = (line: string): void => print(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${line}`);

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
      notes: { type: 'string', default: '2000' },
      faults: { type: 'string', default: '10%' },
      seed: { type: 'string' },
      rate: { type: 'string', default: '15' },
      fast: { type: 'boolean', default: false },
      victims: { type: 'string' },
      without: { type: 'string', default: '' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const options = {
    notes: number('notes', values.notes, 1, 1_000_000),
    faults: values.faults.endsWith('%')
      ? number('faults', values.faults.slice(0, -1), 0, 100) / 100
      : number('faults', values.faults, 0, 1),
    seed: values.seed === undefined ? systemClock.random(4).readUInt32BE() : number('seed', values.seed, 0, 2 ** 32 - 1),
    perSecond: number('rate', values.rate, 0.1, 1_000),
    fast: values.fast,
    without: values.without,
    ...(values.victims ? { victims: values.victims.split(',') } : {}),
  };
  const dir = join(ROOT, '.malote', `soak-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  log(`servers start in ${dir}; seed ${options.seed}`);
  const stack = await startDevstack({ dir, log: () => {} });
  try {
    const result = await runSoak({ ...options, stack, log });
    print(`\n${reportText(result)}`);
    if (values.report) writeFileSync(values.report, `${JSON.stringify(result, null, 2)}\n`);
    return isClean(result) ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) throw new Error(`--${name} ${text}: must be ${min} to ${max}\n\n${USAGE}`);
  return value;
}
