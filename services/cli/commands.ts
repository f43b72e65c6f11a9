import { type Command, runCommand } from '@malote/administration/command';
import { COMMANDS } from '@malote/administration/commands';
import type { Options } from '@malote/administration/option';
import { show } from '@malote/administration/show';
import { commandDeps } from './connections.ts';
import { danfe } from './danfe.ts';
import { simulator } from './simulator.ts';
import { readOptions } from './usage.ts';

/** One command of the operator's command line. `run` gets the words after the name and returns what is printed. */
export interface CliCommand {
  name: string;
  summary: string;
  options: Options;
  run(args: string[]): Promise<string>;
}

/** Those of the table, and two that only make sense where they are typed: they read and write files, or start a process. */
export const CLI_COMMANDS: readonly CliCommand[] = [...COMMANDS.map(typed), danfe, simulator].sort((a, b) => (a.name < b.name ? -1 : 1));

function typed(command: Command): CliCommand {
  const { name, summary, options, failed, text = show } = command;
  return {
    name,
    summary,
    options,
    async run(args) {
      const { given, json } = await readOptions(options, args);
      const deps = commandDeps();
      try {
        const result = await runCommand(command, deps, given);
        if (failed?.(result as never)) process.exitCode = 1;
        return json ? JSON.stringify(result) : text(result as never);
      } finally {
        await deps.close();
      }
    },
  };
}
