import { writeFileSync } from 'node:fs';
import { readOptions, usage } from './options.ts';
import { startSimulator } from './server.ts';

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), (line) => process.stderr.write(`${line}\n`));
  if (!options) {
    process.stdout.write(usage());
    return;
  }
  const simulator = await startSimulator(options.simulator);
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    simulator.close().then(
      () => process.exit(0),
      (error) => fail(error),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  // A parent that opened a channel and died, however it died, is not outlived.
  process.on('disconnect', () => stopping || stop());

  const { ca, companies, readyFile } = options;
  const { url, adminUrl: admin, hosts } = simulator;
  const own = ca === undefined ? {} : { ca, companies };
  const ready = JSON.stringify({ ready: true, url, admin, ...(Object.keys(hosts).length > 0 ? { hosts } : {}), ...own });
  if (readyFile) writeFileSync(readyFile, `${ready}\n`);
  process.stdout.write(`${ready}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`sefaz-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
