// `node services/cli/test/command-table.ts` writes the table of docs/operations/command-line.md after a change of the commands.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { httpOf } from '@malote/administration/command';
import { COMMANDS } from '@malote/administration/commands';
import { fieldOf, type Option } from '@malote/administration/option';
import { CLI_COMMANDS } from '../commands.ts';

const FILE = join(import.meta.dirname, '../../../docs/operations/command-line.md');
const [BEGIN, END] = ['<!-- commands: made by services/cli/test/command-table.ts -->\n', '<!-- end of commands -->\n'];

/** One row for each command: how it is typed, how HTTP asks for it, its fields there. */
export function commandTable(): string {
  const table = new Map(COMMANDS.map((command) => [command.name, command]));
  const rows = CLI_COMMANDS.map(({ name, summary }) => {
    const command = table.get(name);
    if (!command) return `| \`${name}\` | ${cell(summary)} | command line only | |`;
    const { method, path } = httpOf(command);
    const fields = Object.entries(command.options).map(([option, of]) => `\`${fieldOf(option, of)}\`${marksOf(of)}`);
    return `| \`${name}\` | ${cell(summary)} | \`${method} ${path}\` | ${fields.join(', ')} |`;
  });
  return `${BEGIN}| command | what it does (its own help text) | HTTP | fields |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n${END}`;
}

function marksOf({ required, flag, file }: Option): string {
  return `${required ? '\\*' : ''}${flag ? ' (true)' : file === 'bytes' ? ' (base64)' : ''}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** The page as it is and as it should be. */
export function commandPage(): { is: string; shouldBe: string } {
  const is = readFileSync(FILE, 'utf8');
  const [before = '', rest = ''] = is.split(BEGIN);
  return { is, shouldBe: `${before}${commandTable()}${rest.split(END)[1] ?? ''}` };
}

if (import.meta.main) writeFileSync(FILE, commandPage().shouldBe);
