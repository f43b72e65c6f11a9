// What a change has to pass, quick things first: biome, the type check, npm test (whose unit tests hold the checks of the tree), a short soak.
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { seconds } from './start/steps.ts';

const root = join(import.meta.dirname, '..');
const bin = join(root, 'node_modules', '.bin');
// The launchers in .bin call the first `node` of the path.
const env = { ...process.env, PATH: [dirname(process.execPath), bin, process.env.PATH].join(delimiter) };

/** Always the same one, so that a change is compared with the one before it. `npm run soak` alone takes a new seed each time. */
const SOAK = ['e2e/soak/main.ts', '--notes', '1000', '--faults', '10%', '--seed', '2026'];
const chosenTests = process.argv.slice(2);

const STEPS: [string, string[]][] = [
  ['biome', ['ci', '.']],
  ['tsc', ['-p', 'tsconfig.json']],
  [process.execPath, ['tools/test.ts', ...chosenTests]],
  // Whoever asks for some tests wants no more than those.
  ...(chosenTests.length === 0 ? [[process.execPath, SOAK] as [string, string[]]] : []),
];

for (const [command, args] of STEPS) {
  const startedAt = performance.now();
  process.stdout.write(`\n$ ${command === process.execPath ? 'node' : command} ${args.join(' ')}\n`);
  const code = await run(command, args);
  process.stdout.write(`(${seconds(performance.now() - startedAt)}, exit code ${code})\n`);
  if (code !== 0) process.exit(code);
}

function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
    process.on('disconnect', () => child.kill('SIGTERM'));
    process.channel?.unref();
    child.once('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
