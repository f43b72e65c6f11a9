import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const COMMANDS = pathToFileURL(join(import.meta.dirname, '../../cli/commands.ts')).href;
/** One process runs them all: starting one for each command would cost a second every time. */
const PROGRAM = `
import { createInterface } from 'node:readline';
import { CLI_COMMANDS } from ${JSON.stringify(COMMANDS)};
for await (const line of createInterface({ input: process.stdin })) {
  const { name, args } = JSON.parse(line);
  const command = CLI_COMMANDS.find((each) => each.name === name);
  const said = await command.run(args).then((out) => ({ out }), (error) => ({ error: error.message, codigo: error.codigo }));
  console.log(JSON.stringify({ ...said, failed: process.exitCode === 1 }));
  process.exitCode = 0;
}`;

export type Said = { out: string; error?: undefined; failed: boolean } | { out?: undefined; error: string; codigo?: string };

export interface CommandLine {
  run(name: string, ...args: string[]): Promise<Said>;
  close(): Promise<void>;
}

/** The operator's command line, in a process of its own with this environment added. */
export function startCommandLine(env: Record<string, string>): CommandLine {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(name, ...args) {
      child.stdin.write(`${JSON.stringify({ name, args })}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`the command line ended at ${name}`);
      return JSON.parse(value) as Said;
    },
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
