/**
 * Turns the fact tables (TSV) into the `.data.ts` modules that code imports; packages/fiscal reads no file at run time.
 *
 *   node tools/data/generate.ts           writes every module
 *   node tools/data/generate.ts --check   exit code 1 when a module is not what its table makes
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FISCAL = new URL('../../packages/fiscal/', import.meta.url);

export interface Target {
  table: URL;
  module: URL;
  render(rows: Row[]): string;
}

type Row = Readonly<Record<string, string>>;

/** Rows of a tab-separated file with one header line; `-` means "nothing to say". Throws when a row has another number of cells. */
export function parseTsv(text: string): Row[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const names = header.split('\t');
  return lines.map((line, i) => {
    const cells = line.split('\t');
    if (cells.length !== names.length) throw new Error(`line ${i + 2}: ${cells.length} cells, expected ${names.length}`);
    return Object.fromEntries(names.map((name, c) => [name, cells[c] ?? '']));
  });
}

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const key = (text: string) => (/^[A-Za-z_]\w*$/.test(text) ? text : quote(text));
const cell = (row: Row, name: string) => {
  const value = row[name];
  if (!value) throw new Error(`no cell ${name}`);
  return value;
};

function banner(table: string): string {
  return `// biome-ignore-all format: made by tools/data/generate.ts from ${table}, not by hand\n`;
}

function renderUf(rows: Row[]): string {
  const lines = rows.map((r) => {
    const [uf, cUF, name, timezone] = ['uf', 'cUF', 'name', 'timezone'].map((n) => cell(r, n)) as [string, string, string, string];
    return `  ${uf}: { cUF: ${quote(cUF)}, name: ${quote(name)}, timezone: ${quote(timezone)} },`;
  });
  return `${banner('ufs.tsv')}export const UF_DATA = {\n${lines.join('\n')}\n} as const;\n`;
}

function renderAutorizador(rows: Row[]): string {
  const byModelo = Map.groupBy(rows, (r) => cell(r, 'modelo'));
  const blocks = [...byModelo].map(([modelo, group]) => {
    const lines = group.map((r) => {
      const contingencia = cell(r, 'contingencia');
      return `    ${cell(r, 'uf')}: [${quote(cell(r, 'normal'))}, ${contingencia === 'none' ? 'null' : quote(contingencia)}],`;
    });
    return `  ${quote(modelo)}: {\n${lines.join('\n')}\n  },`;
  });
  return [
    banner('autorizadores.tsv').trimEnd(),
    "import type { AutorizadorContingencia, AutorizadorNormal } from '../autorizador.ts';",
    "import type { Modelo } from '../modelo.ts';",
    "import type { Uf } from '../uf.ts';",
    '',
    '/** per model and UF: [normal authoriser, SVC] */',
    'export const AUTORIZADOR_DATA: Readonly<Record<Modelo, Readonly<Record<Uf, readonly [AutorizadorNormal, AutorizadorContingencia | null]>>>> = {',
    ...blocks,
    '};',
    '',
  ].join('\n');
}

function renderCStat(rows: Row[]): string {
  const byFamily = Map.groupBy(rows, (r) => cell(r, 'family'));
  const blocks = [...byFamily].map(([family, group]) => {
    const lines = group.map((r) => `    ${quote(cell(r, 'cStat'))}: [${quote(cell(r, 'class'))}, ${quote(cell(r, 'xMotivo'))}],`);
    return `  ${key(family)}: {\n${lines.join('\n')}\n  },`;
  });
  return [
    banner('cstat.tsv').trimEnd(),
    "import type { CStatFamily, KnownCStatClass } from '../c-stat.ts';",
    '',
    '/** per family and cStat: [class, official text] */',
    'export const C_STAT_DATA: Readonly<Record<CStatFamily, Readonly<Record<string, readonly [KnownCStatClass, string]>>>> = {',
    ...blocks,
    '};',
    '',
  ].join('\n');
}

function renderNfceUrls(rows: Row[]): string {
  const byUf = Map.groupBy(rows, (r) => cell(r, 'uf'));
  const blocks = [...byUf].map(([uf, group]) => {
    const byAmbiente = Map.groupBy(group, (r) => cell(r, 'ambiente'));
    const parts = [...byAmbiente].map(([ambiente, periods]) => {
      const lines = periods.map((r) => {
        const [desde, qrCode, urlChave] = ['desde', 'qrcode_url', 'consulta_url'].map((n) => cell(r, n)) as [string, string, string];
        return `      { desde: ${quote(desde === '-' ? '' : desde)}, qrCode: ${quote(qrCode)}, urlChave: ${quote(urlChave)} },`;
      });
      return `    ${quote(ambiente)}: [\n${lines.join('\n')}\n    ],`;
    });
    return `  ${uf}: {\n${parts.join('\n')}\n  },`;
  });
  return [
    banner('nfce-urls.tsv').trimEnd(),
    "import type { NfceUrls } from '../nfce-urls.ts';",
    "import type { Uf } from '../uf.ts';",
    '',
    '/** per UF and ambiente, oldest first; an empty `desde` is open-ended */',
    "export const NFCE_URL_DATA: Readonly<Record<Uf, Readonly<Record<'1' | '2', readonly (NfceUrls & { desde: string })[]>>>> = {",
    ...blocks,
    '};',
    '',
  ].join('\n');
}

export const TARGETS: readonly Target[] = [
  { table: new URL('model/data/ufs.tsv', FISCAL), module: new URL('model/data/uf.data.ts', FISCAL), render: renderUf },
  {
    table: new URL('model/data/autorizadores.tsv', FISCAL),
    module: new URL('model/data/autorizador.data.ts', FISCAL),
    render: renderAutorizador,
  },
  {
    table: new URL('model/data/nfce-urls.tsv', FISCAL),
    module: new URL('model/data/nfce-urls.data.ts', FISCAL),
    render: renderNfceUrls,
  },
  { table: new URL('retorno/data/cstat.tsv', FISCAL), module: new URL('retorno/data/c-stat.data.ts', FISCAL), render: renderCStat },
];

/** What the module of a target has to be. */
export function generate(target: Target): string {
  return target.render(parseTsv(readFileSync(target.table, 'utf8')));
}

/** Paths of modules that are not what their table makes. */
export function staleModules(targets: readonly Target[] = TARGETS): string[] {
  return targets.filter((t) => readFileSync(t.module, 'utf8') !== generate(t)).map((t) => t.module.pathname);
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = staleModules();
    for (const path of stale) console.error(`not what its table makes: ${path}`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } else {
    for (const target of TARGETS) writeFileSync(target.module, generate(target));
  }
}
