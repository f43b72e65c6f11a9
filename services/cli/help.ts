import type { Option } from '@malote/administration/option';
import { CLI_COMMANDS, type CliCommand } from './commands.ts';

/** What the commands are about, in the order of the help, each with the first words of its commands. */
export const GROUPS: readonly (readonly [title: string, ...subjects: string[]])[] = [
  ['Contas e credenciais', 'account', 'credential'],
  ['Empresas, certificados, CSC e entidades', 'company', 'certificate', 'csc', 'entity'],
  ['Documentos e SEFAZ', 'document', 'sefaz', 'danfe'],
  ['Auditoria e chaves', 'audit', 'keys'],
  ['Instalação', 'migrate', 'schemas', 'config', 'topology'],
  ['Mensagens que falharam', 'dead'],
  ['Desenvolvimento', 'simulator'],
];

export const subjectOf = ({ name }: Pick<CliCommand, 'name'>): string => name.split(' ', 1)[0] ?? name;

export function generalHelp(): string {
  return [
    'uso: malote <comando> [opções]',
    ...GROUPS.flatMap(([title, ...subjects]) => ['', title, ...rowsOf(subjects)]),
    '',
    'A conexão vem das variáveis MALOTE_ (`malote config print` as mostra). Cada comando aceita --help e --json.',
    '',
  ].join('\n');
}

/** The commands that begin with a word; undefined when there are none. */
export function subjectHelp(subject: string): string | undefined {
  const rows = rowsOf([subject]);
  if (rows.length === 0) return undefined;
  return [`uso: malote ${subject} <comando> [opções]`, '', ...rows, '', `Opções de cada um: malote ${subject} <comando> --help`, ''].join(
    '\n',
  );
}

export function commandHelp({ name, summary, options }: CliCommand): string {
  const rows = Object.entries({ ...options, json: { description: 'imprime o resultado em JSON', flag: true } as Option });
  const label = ([option, { flag, example }]: [string, Option]) => `--${option}${flag ? '' : ` <${example ?? option}>`}`;
  const width = Math.max(...rows.map((row) => label(row).length));
  return [
    `uso: malote ${name} [opções]`,
    '',
    summary,
    '',
    ...rows.map((row) => `  ${label(row).padEnd(width)}  ${row[1].description}${row[1].required ? ' (obrigatória)' : ''}`),
    '',
  ].join('\n');
}

function rowsOf(subjects: readonly string[]): string[] {
  const width = Math.max(...CLI_COMMANDS.map(({ name }) => name.length));
  const rows = subjects.flatMap((subject) => CLI_COMMANDS.filter((command) => subjectOf(command) === subject));
  return rows.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
}
