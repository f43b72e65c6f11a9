import { readFileSync } from 'node:fs';

export interface EndpointKey {
  modelo: string;
  autorizador: string;
  /** 1 production, 2 homologation (tpAmb). */
  ambiente: '1' | '2';
  /** Name of the web service as in the WSDL's namespace, e.g. `NFeAutorizacao4`. */
  service: string;
}

export interface Endpoints {
  /** The address (https, without `?wsdl`), or undefined when the authoriser does not offer the service. */
  find(key: EndpointKey): string | undefined;
}

/** Every fault of an operator's file at once, one per line. */
export class EndpointsError extends Error {
  override name = 'EndpointsError';
}

const COLUMNS = ['modelo', 'autorizador', 'ambiente', 'service', 'url'] as const;
type Row = Record<(typeof COLUMNS)[number], string> & { line: number };

/**
 * The addresses shipped in data/endpoints.tsv. The rows of `file` (tab-separated, a header with the same column names, further columns
 * ignored) replace those of the same modelo, autorizador, ambiente and service. With `overrideUrl` (a simulator or gateway) every address,
 * also of services not in the table, is `<overrideUrl>/<ambiente>/<autorizador>/<modelo>/<service>`.
 * @throws EndpointsError
 */
export function loadEndpoints(options: { file?: string | undefined; overrideUrl?: string | undefined } = {}): Endpoints {
  const { file, overrideUrl } = options;
  const table = new Map<string, string>();
  const shipped = readRows(readFileSync(new URL('./data/endpoints.tsv', import.meta.url), 'utf8'), 'data/endpoints.tsv');
  for (const row of shipped) table.set(keyOf(row), row.url);
  if (file !== undefined) for (const row of readOperatorFile(file, shipped)) table.set(keyOf(row), row.url);
  if (overrideUrl === undefined) return { find: (key) => table.get(keyOf(key)) };
  const base = overrideUrl.replace(/\/+$/, '');
  const fault = urlFault(base);
  if (fault) throw new EndpointsError(`MALOTE_SEFAZ_URL_OVERRIDE: ${fault}`);
  return { find: (key) => `${base}/${key.ambiente}/${key.autorizador}/${key.modelo}/${key.service}` };
}

function readOperatorFile(file: string, shipped: Row[]): Row[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new EndpointsError(`${file}: não pôde ser lido (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`);
  }
  const rows = readRows(text, file);
  const faults = rows.flatMap((row) => rowFaults(row, shipped).map((fault) => `${file}, linha ${row.line}: ${fault}`));
  const seen = new Map<string, number>();
  for (const row of rows) {
    const first = seen.get(keyOf(row));
    if (first) faults.push(`${file}, linha ${row.line}: repete a linha ${first}`);
    seen.set(keyOf(row), row.line);
  }
  if (faults.length > 0) throw new EndpointsError(faults.join('\n'));
  return rows;
}

function readRows(text: string, name: string): Row[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = (lines[0] ?? '').split('\t').map((cell) => cell.trim());
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new EndpointsError(`${name}: a primeira linha deve nomear as colunas, separadas por tabulação; falta ${missing.join(', ')}`);
  }
  const rows: Row[] = [];
  const faults: string[] = [];
  for (const [index, content] of lines.entries()) {
    if (index === 0 || content.trim() === '' || content.startsWith('#')) continue;
    const cells = content.split('\t').map((cell) => cell.trim());
    const row = Object.fromEntries(COLUMNS.map((column) => [column, cells[header.indexOf(column)] ?? '']));
    const empty = COLUMNS.filter((column) => row[column] === '');
    if (empty.length > 0) faults.push(`${name}, linha ${index + 1}: sem valor em ${empty.join(', ')}`);
    rows.push({ ...(row as Omit<Row, 'line'>), line: index + 1 } as Row);
  }
  if (faults.length > 0) throw new EndpointsError(faults.join('\n'));
  return rows;
}

/** A misspelt name would replace nothing and the traffic would go on to the shipped address, so names must be known ones. */
function rowFaults(row: Row, shipped: Row[]): string[] {
  const faults: string[] = [];
  const sameModelo = shipped.filter((s) => s.modelo === row.modelo);
  const known = (column: 'autorizador' | 'service') => [...new Set(sameModelo.map((s) => s[column]))].sort();
  if (sameModelo.length === 0) faults.push(`modelo "${row.modelo}" desconhecido`);
  else {
    for (const column of ['autorizador', 'service'] as const) {
      const names = known(column);
      if (!names.includes(row[column]))
        faults.push(`${column} "${row[column]}" desconhecido no modelo ${row.modelo} (há ${names.join(', ')})`);
    }
  }
  if (row.ambiente !== '1' && row.ambiente !== '2') faults.push(`ambiente "${row.ambiente}" deve ser 1 (produção) ou 2 (homologação)`);
  const url = urlFault(row.url);
  if (url) faults.push(url);
  return faults;
}

function urlFault(text: string): string | undefined {
  if (!URL.canParse(text)) return `"${text}" não é um endereço`;
  const url = new URL(text);
  if (url.protocol !== 'https:') return `"${text}" deve começar com https://`;
  if (url.username !== '' || url.password !== '') return 'o endereço não pode conter usuário ou senha';
  if (url.search !== '' || url.hash !== '') return `"${text}" não pode conter "?" nem "#"`;
  return undefined;
}

const keyOf = (key: EndpointKey | Row) => `${key.modelo}|${key.autorizador}|${key.ambiente}|${key.service}`;
