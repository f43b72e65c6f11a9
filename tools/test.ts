// npm test: unit, then integration, then end to end. `-- --only int packages/broker` runs a part.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Devstack, prepareMachine, startDevstack } from '@malote/devstack/devstack';
import { MissingServers } from '@malote/devstack/provide-binaries';
import { schemathesisDir } from '@malote/devstack/schemathesis';
import { installSchemas } from '@malote/schemas/install';
import { createShutdown, endOnSignals } from './start/shutdown.ts';
import { createSteps, seconds } from './start/steps.ts';
import { runSuite, type SuiteResult } from './test/run-suite.ts';
import { filterFiles, findTestFiles, longestFirst, mostlyWaits, partition, runsAlone, SUITES, type Suite } from './test/test-files.ts';

/** Files at a time: the tests are bound by the processor, or wait for servers. Those that mostly wait run beside them, one at a time. */
const CONCURRENCY = 2;
const FILE_TIMEOUT_MS: Record<Suite, number> = { unit: 300_000, int: 600_000, e2e: 1_200_000 };

/** What the tests call besides our own code, and the Debian package of each. */
const FOREIGN_PROGRAMS = {
  faketime: 'faketime',
  xmlsec1: 'xmlsec1',
  xmllint: 'libxml2-utils',
  pdftotext: 'poppler-utils',
  zbarimg: 'zbar-tools',
  openssl: 'openssl',
  curl: 'curl',
  git: 'git',
};

interface Lane {
  suite: Suite;
  files: string[];
  concurrency: number;
}

const root = join(import.meta.dirname, '..');
const stateDir = join(root, '.malote');
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const steps = createSteps((text) => process.stdout.write(text));
const shutdown = createShutdown(print);
endOnSignals(shutdown, print);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', multiple: true }, name: { type: 'string' } },
});
// Programs the tests start by the name `node` get this one.
process.env.PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);

// A process of the tests spends half of its start on reading TypeScript; what one has read and compiled, the next ones take over.
process.env.NODE_COMPILE_CACHE ??= join(stateDir, 'compile-cache');

process.exitCode = await Promise.race([main(), shutdown.begun.then(() => 130)]);
await shutdown.begin('done');
process.exit();

async function main(): Promise<number> {
  try {
    const suites = chosenSuites();
    const all = findTestFiles(root);
    const plan = suites.flatMap((suite) => {
      const [alone, together] = partition(filterFiles(all[suite], positionals), runsAlone);
      const [waiting, busy] = partition(together, mostlyWaits);
      return [
        [
          { suite, files: longestFirst(busy), concurrency: CONCURRENCY },
          { suite, files: waiting, concurrency: 1 },
        ],
        [{ suite, files: alone, concurrency: 1 }],
      ];
    });
    if (plan.flat().every(({ files }) => files.length === 0))
      throw new Error(`no test file matches ${positionals.join(' ') || suites.join(', ')}`);
    const results: SuiteResult[] = [];
    let runDir: string | undefined;
    for (const lanes of plan) {
      const busy = lanes.filter(({ files }) => files.length > 0);
      if (busy.some(({ suite }) => suite !== 'unit')) runDir ??= await prepareServers();
      results.push(...(await Promise.all(busy.map(runLane))));
    }
    const succeeded = summarize(results);
    if (runDir !== undefined && succeeded) {
      const done = runDir;
      shutdown.defer('directory', done, async () => rmSync(done, { recursive: true, force: true }));
    } else if (runDir !== undefined) print(`Data and logs of the servers are kept in ${runDir} until the next run.`);
    return succeeded ? 0 : 1;
  } catch (error) {
    if (shutdown.signal.aborted) return 130;
    const plain = error instanceof MissingServers || !(error instanceof Error);
    print(`\n${plain ? String((error as Error).message ?? error) : (error.stack ?? error.message)}`);
    return 1;
  }
}

/** The first lane prints as it goes; what runs beside it is printed as a whole at its end, so that the two can be told apart. */
async function runLane({ suite, files, concurrency }: Lane, place: number): Promise<SuiteResult> {
  const kept: string[] = [];
  const show = place === 0 ? (text: string) => void process.stdout.write(text) : (text: string) => void kept.push(text);
  const beside = place === 0 ? '' : ', beside the others';
  show(`\n== ${suite}: ${files.length} files, ${concurrency} at a time${beside}\n`);
  const result = await runSuite({
    suite,
    files: files.map((file) => join(root, file)),
    concurrency,
    timeoutMs: FILE_TIMEOUT_MS[suite],
    namePattern: values.name,
    signal: shutdown.signal,
    root,
    print: show,
  });
  process.stdout.write(kept.join(''));
  return result;
}

function chosenSuites(): Suite[] {
  const only = values.only ?? [];
  const unknown = only.find((name) => !SUITES.includes(name as Suite));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: the suites are ${SUITES.join(', ')}`);
  return SUITES.filter((suite) => only.length === 0 || only.includes(suite));
}

/** One set of servers, the XSD packs and the foreign programs for all tests; told to them by the environment. */
async function prepareServers(): Promise<string> {
  print('\n== preparing');
  removeOldRuns();
  const runDir = join(stateDir, `test-${process.pid}`);
  mkdirSync(runDir, { recursive: true });
  const schemasDir = join(stateDir, 'schemas');
  await steps.run('programs of the servers and of the tests', () =>
    prepareMachine({
      pip: [schemasDir, schemathesisDir(join(stateDir, 'tools'))].some((dir) => !existsSync(dir)),
      programs: FOREIGN_PROGRAMS,
      log: steps.say,
    }),
  );
  const stack = await steps.run('RabbitMQ, MongoDB, Redis', async () => {
    const started = await startDevstack({ dir: join(runDir, 'servers'), log: steps.say });
    shutdown.defer('server', 'servers', () => started.stop());
    return started;
  });
  await steps.run('XSD packs', () => installSchemas({ dir: schemasDir, log: steps.say }));
  process.env.MALOTE_TEST_STACK = writeStack(runDir, stack);
  process.env.MALOTE_TEST_SCHEMAS = schemasDir;
  return runDir;
}

function writeStack(runDir: string, stack: Devstack): string {
  const { mongoUrl, rabbitmqUrl, rabbitmqManagementUrl, rabbitmqUser, rabbitmqPassword, redisUrl } = stack;
  const file = join(runDir, 'stack.json');
  const address = { mongoUrl, rabbitmqUrl, rabbitmqManagementUrl, rabbitmqUser, rabbitmqPassword, redisUrl };
  writeFileSync(file, JSON.stringify(address), { mode: 0o600 });
  return file;
}

/** What failed runs left behind, unless they still run. */
function removeOldRuns(): void {
  if (!existsSync(stateDir)) return;
  for (const name of readdirSync(stateDir)) {
    const pid = Number(/^test-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && !existsSync(`/proc/${pid}`)) rmSync(join(stateDir, name), { recursive: true, force: true });
  }
}

/** Prints the counts; a skipped test counts as a failure in CI, where everything it may need is there. */
function summarize(results: readonly SuiteResult[]): boolean {
  const sum = (field: 'passed' | 'failed' | 'skipped'): number => results.reduce((total, result) => total + result[field], 0);
  print('\n== summary');
  for (const { suite, files, passed, failed, skipped, ms } of results) {
    print(`  ${suite.padEnd(5)} ${files} files, ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds(ms)}`);
  }
  for (const { failures, skips } of results) {
    for (const failure of failures) print(`  FAILED  ${failure}`);
    for (const skip of skips) print(`  SKIPPED ${skip}`);
  }
  print(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
  return sum('failed') === 0 && sum('passed') > 0 && (process.env.CI === undefined || sum('skipped') === 0);
}
