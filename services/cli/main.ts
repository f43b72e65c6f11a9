#!/usr/bin/env node
import { OptionFault } from '@malote/administration/option';
import { CLI_COMMANDS, type CliCommand, commandHelp, generalHelp } from './commands.ts';

/** Finds `malote <words> …`: the longest command name that the words begin with. */
function find(words: string[]): { command: CliCommand; rest: string[] } | undefined {
  for (const command of CLI_COMMANDS) {
    const name = command.name.split(' ');
    if (name.every((word, index) => words[index] === word)) return { command, rest: words.slice(name.length) };
  }
  return undefined;
}

const words = process.argv.slice(2);
const found = find(words);
try {
  if (!found) {
    const asked = words.length === 0 || words.includes('--help') || words.includes('-h');
    (asked ? process.stdout : process.stderr).write(`${asked ? '' : `comando desconhecido: ${words.join(' ')}\n\n`}${generalHelp()}`);
    process.exitCode = asked ? 0 : 2;
  } else if (found.rest.includes('--help') || found.rest.includes('-h')) {
    process.stdout.write(commandHelp(found.command));
  } else {
    process.stdout.write(`${await found.command.run(found.rest)}\n`);
  }
} catch (error) {
  const usage = error instanceof OptionFault && found ? `\n\n${commandHelp(found.command)}` : '\n';
  process.stderr.write(`malote: ${(error as Error).message}${usage}`);
  process.exitCode = error instanceof OptionFault ? 2 : 1;
}
