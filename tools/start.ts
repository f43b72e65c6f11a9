// npm start: the whole hub on this machine, and one NF-e and one NFC-e through it. `-- --once` ends after that, `-- --scale emission=3`
// starts more workers.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MissingServers } from '@malote/devstack/provide-binaries';
import { systemClock } from '@malote/runtime/clock';
import { runDemo } from './start/demo.ts';
import { startHub } from './start/hub.ts';
import { reportLines, writeDemoJson } from './start/report.ts';
import { claimRunDirectory } from './start/run-directory.ts';
import { readScale, type Scale } from './start/scale.ts';
import { ServiceFailed } from './start/service-process.ts';
import { createShutdown, endOnSignals } from './start/shutdown.ts';
import { createSteps } from './start/steps.ts';

const root = join(import.meta.dirname, '..');
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    // Where the data of the run and the demo's files go; .malote unless given.
    state: { type: 'string', default: join(root, '.malote') },
    schemas: { type: 'string' },
    // Several processes of a service: emission=3.
    scale: { type: 'string', multiple: true },
  },
});
const stateDir = resolve(values.state);
const scale = scaleOrExit();
const steps = createSteps((text) => process.stdout.write(text));
const shutdown = createShutdown(print);
endOnSignals(shutdown, print);

mkdirSync(stateDir, { recursive: true });
const run = claimRunDirectory(stateDir);
shutdown.defer('directory', run.path, async () => run.release());
const suffix = run.number === 1 ? '' : `-${run.number}`;
const demoJson = join(stateDir, `demo${suffix}.json`);
if (run.number > 1) print(`Another npm start is running: this one uses ${run.path}, other ports and ${demoJson}`);

// A start that is interrupted is not waited for: what it is about to start dies with this process.
let up = false;
process.exitCode = await Promise.race([main(), shutdown.begun.then(() => (up ? 0 : 130))]);
await shutdown.begin('done');
print(`stopped after ${steps.elapsed()}`);
process.exit();

/** Runs until a service ends (or the demo does, with --once); answers the exit code. */
async function main(): Promise<number> {
  let quiet = true;
  try {
    const hub = await startHub({
      root,
      schemasDir: resolve(values.schemas ?? join(stateDir, 'schemas')),
      runDir: run.path,
      steps,
      scale,
      env: process.env,
      show: ({ text, important }) => {
        if (important || !quiet) print(text);
      },
      shutdown,
    });
    const emit = (modelo: '55' | '65') => () =>
      runDemo({
        modelo,
        edge: hub.edge,
        account: hub.account,
        cnpj: hub.files.cnpj,
        dir: run.path,
        xmlDir: join(stateDir, `demo${suffix}`),
        clock: systemClock,
      });
    const demos = [await steps.run('emit one NF-e', emit('55')), await steps.run('emit one NFC-e', emit('65'))];
    writeDemoJson(demoJson, hub, demos);
    for (const line of reportLines(hub, demos, { demoJson, stays: !values.once })) print(line);
    const succeeded = demos.every(({ status }) => status === 'Autorizada');
    if (values.once) return succeeded ? 0 : 1;

    print(`Up after ${steps.elapsed()}. The logs of the services follow (whole: ${join(run.path, 'log')}); Ctrl-C ends everything.\n`);
    quiet = false;
    up = true;
    const died = hub.services.map(async ({ name, child }) => {
      const { code, signal } = await child.exited;
      return `${name} ended unexpectedly (${signal ?? code})`;
    });
    const ended = await Promise.race(died);
    if (!shutdown.signal.aborted) print(ended);
    return 1;
  } catch (error) {
    if (shutdown.signal.aborted) return 130;
    if (error instanceof MissingServers) print(`\n${error.message}`);
    else if (error instanceof ServiceFailed) print(`\n${error.message}\n${error.output}`);
    else print(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  }
}

function scaleOrExit(): Scale {
  try {
    return readScale(values.scale);
  } catch (error) {
    print((error as Error).message);
    process.exit(2);
  }
}
