#!/usr/bin/env node
import { OptionFault } from '@malote/administration/option';
import { CLI_COMMANDS, type CliCommand } from './commands.ts';
import { commandHelp, generalHelp, subjectHelp } from './help.ts';

/** Finds `malote <words> …`: the command whose name the words begin with. */
function find(words: string[]): { command: CliCommand; rest: string[] } | undefined {
  for (const command of CLI_COMMANDS) {
    const name = command.name.split(' ');
    if (name.every((word, index) => words[index] === word)) return { command, rest: words.slice(name.length) };
  }
  return undefined;
}

/** Words that name no command: help where it was asked for, else what is wrong and the nearest help there is. */
function help(words: string[]): void {
  const [subject = ''] = words;
  const ofSubject = subjectHelp(subject);
  const asked = words.length === 0 || subject === 'help' || words.some((word) => word === '--help' || word === '-h');
  const isWrong = !asked && (words.length > 1 || ofSubject === undefined);
  const text = `${isWrong ? `comando desconhecido: ${words.join(' ')}\n\n` : ''}${ofSubject ?? generalHelp()}`;
  (isWrong ? process.stderr : process.stdout).write(text);
  process.exitCode = isWrong ? 2 : 0;
}

const words = process.argv.slice(2);
const found = find(words);
try {
  if (!found) help(words);
  else if (found.rest.includes('--help') || found.rest.includes('-h')) process.stdout.write(commandHelp(found.command));
  else process.stdout.write(`${await found.command.run(found.rest)}\n`);
} catch (error) {
  const usage = error instanceof OptionFault && found ? `\n\n${commandHelp(found.command)}` : '\n';
  process.stderr.write(`malote: ${(error as Error).message}${usage}`);
  process.exitCode = error instanceof OptionFault ? 2 : 1;
}
