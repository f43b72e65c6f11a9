import { accountCreate } from './account.ts';
import { certificatePut } from './certificate.ts';
import { companyAdd } from './company.ts';
import { companySet } from './company-set.ts';
import { configPrint } from './config.ts';
import { cscList, cscPut, cscRemove } from './csc.ts';
import { danfe } from './danfe.ts';
import { deadList, deadReplay, deadShow } from './dead.ts';
import { documentRecovering } from './document.ts';
import { migrate } from './migrate.ts';
import { sefazStatus } from './sefaz.ts';
import { simulator } from './simulator.ts';
import { topologyPrint } from './topology.ts';
import type { Option } from './usage.ts';

/** One command of the operator's command line. `run` gets the words after the name and returns what is printed. */
export interface Command {
  name: string;
  summary: string;
  options: Record<string, Option>;
  run(args: string[]): Promise<string>;
}

export const COMMANDS: readonly Command[] = [
  accountCreate,
  certificatePut,
  companyAdd,
  companySet,
  configPrint,
  cscList,
  cscPut,
  cscRemove,
  danfe,
  deadList,
  deadReplay,
  deadShow,
  documentRecovering,
  migrate,
  sefazStatus,
  simulator,
  topologyPrint,
];

export function generalHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    'uso: malote <comando> [opções]',
    '',
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'A conexão vem das variáveis MALOTE_ (`malote config print` as mostra). Cada comando aceita --help e --json.',
    '',
  ].join('\n');
}

export function commandHelp({ name, summary, options }: Command): string {
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
