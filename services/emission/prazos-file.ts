import { readFileSync } from 'node:fs';
import { eventoKind } from '@malote/fiscal/evento/kinds';
import { PRAZOS, type PrazoEvento } from '@malote/fiscal/evento/prazos';
import { isModelo } from '@malote/fiscal/model/modelo';
import { UFS } from '@malote/fiscal/model/uf';

/** Every fault of an operator's file at once, one per line, each with its row and field. */
export class PrazosFileError extends Error {
  override name = 'PrazosFileError';
}

type Check = readonly [ok: (value: unknown, row: Record<string, unknown>) => boolean, rule: string];

const isText = (value: unknown): value is string => typeof value === 'string';
const isDay = (value: unknown) => isText(value) && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

const CHECKS: Readonly<Record<keyof PrazoEvento, Check>> = {
  uf: [(uf) => isText(uf) && (uf === '*' || Object.hasOwn(UFS, uf)), 'a sigla de uma UF ou "*"'],
  modelo: [(modelo) => isText(modelo) && isModelo(modelo), 'o modelo do documento, como "55" ou "65"'],
  tpEvento: [
    (tp, { modelo }) => isText(tp) && eventoKind(String(modelo), tp) !== undefined,
    'o código de um evento do modelo, como "110111"',
  ],
  minutos: [(minutos) => Number.isInteger(minutos) && Number(minutos) > 0, 'um número inteiro de minutos, maior que zero'],
  rigido: [(rigido) => typeof rigido === 'boolean', 'true (recusado aqui) ou false (aviso; a SEFAZ decide)'],
  desde: [isDay, 'o dia desde o qual vale, como "2026-11-21"'],
  norma: [(norma) => isText(norma) && norma.trim() !== '', 'o texto da norma'],
};

/**
 * The deadlines in force: the project's rows, and behind them those of `file`, a JSON array (see docs/operations/eventos.md).
 * @throws PrazosFileError that names row (from 1) and field
 */
export function prazosOf(file: string | undefined): readonly PrazoEvento[] {
  if (file === undefined) return PRAZOS;
  let rows: unknown;
  try {
    rows = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why =
      error instanceof SyntaxError ? `não é JSON (${error.message})` : `não pôde ser lido (${(error as NodeJS.ErrnoException).code})`;
    throw new PrazosFileError(`MALOTE_EVENTOS_PRAZOS_FILE: ${file} ${why}`);
  }
  if (!Array.isArray(rows)) throw new PrazosFileError(`MALOTE_EVENTOS_PRAZOS_FILE: ${file} deve ser uma lista de linhas: [ … ]`);
  const faults = rows.flatMap((row, index) => rowFaults(row).map((fault) => `${file}, linha ${index + 1}: ${fault}`));
  if (faults.length > 0) throw new PrazosFileError(`MALOTE_EVENTOS_PRAZOS_FILE\n${faults.join('\n')}`);
  return [...PRAZOS, ...(rows as PrazoEvento[])];
}

/** The same for a process that starts: what is wrong is written to stderr and ends it with code 2, as a broken configuration does. */
export function processPrazos(file: string | undefined): readonly PrazoEvento[] {
  try {
    return prazosOf(file);
  } catch (error) {
    if (!(error instanceof PrazosFileError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

function rowFaults(row: unknown): string[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return ['deve ser um objeto'];
  const fields = row as Record<string, unknown>;
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(CHECKS, name));
  const broken = Object.entries(CHECKS).filter(([name, [ok]]) => !ok(fields[name], fields));
  return [
    ...unknown.map((name) => `${name} não é um campo; há ${Object.keys(CHECKS).join(', ')}`),
    ...broken.map(([name, [, rule]]) => `${name} (${JSON.stringify(fields[name]) ?? 'ausente'}) deve ser ${rule}`),
  ];
}
