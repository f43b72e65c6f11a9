import { characters, type Fields, fieldsOf, type Pessoa, readOneOrTwo, readPessoa, readText, shown } from './tss-fields.ts';
import { kindOf } from './tss-json.ts';

export const MAX_ROWS = 1_000;
const CONTRATO_MAX = 60;
/** Of a request that is wrong as a whole, more would be of no use. */
const MAX_FAULTS = 100;

/** One row of RestAtBlqEnt: Parametro 1 blocks, 2 frees. */
export interface LinhaPedida extends Pessoa {
  parametro: 1 | 2;
}

export type PedidoBloqueio = { ok: true; contrato?: string; rows: LinhaPedida[] } | { ok: false; error: string };

/** Reads the JSON of RestAtBlqEnt: the whole of it, or every fault by row and field in one text. */
export function readBloqueio(json: Record<string, unknown>): PedidoBloqueio {
  const faults: string[] = [];
  const fault = (text: string) => void faults.push(text);
  const fields = fieldsOf(json, 'Requisição', fault);
  const contrato = readContrato(fields, fault);
  const rows = readRows(fields, fault);
  if (faults.length > 0) return { ok: false, error: textOf(faults) };
  return { ok: true, ...(contrato ? { contrato } : {}), rows };
}

/** One sentence after the other; of too many the first ones, and how many more there are. */
export function textOf(faults: readonly string[]): string {
  const more = faults.length - MAX_FAULTS;
  return [...faults.slice(0, MAX_FAULTS), ...(more > 0 ? [`E mais ${more} falhas.`] : [])].join(' ');
}

function readContrato(fields: Fields, fault: (text: string) => void): string | undefined {
  const value = readText(fields, 'contrato', fault);
  if (value === undefined) return undefined;
  const at = 'Requisição, campo contrato:';
  if (value.length > CONTRATO_MAX) fault(`${at} ${shown(value)} tem ${characters(value)}; informe até ${CONTRATO_MAX}.`);
  else if (/\p{Cc}/u.test(value)) fault(`${at} ${shown(value)} tem um caractere de controle; informe só texto.`);
  return value;
}

function readRows(fields: Fields, fault: (text: string) => void): LinhaPedida[] {
  const value = fields.get('Empresas');
  const at = 'Requisição, campo Empresas:';
  if (value === undefined) fault(`${at} não informado; informe a lista das empresas.`);
  else if (!Array.isArray(value)) fault(`${at} é ${kindOf(value)}; informe uma lista ([…]).`);
  else if (value.length === 0) fault(`${at} a lista está vazia; informe de 1 a ${MAX_ROWS} empresas.`);
  else if (value.length > MAX_ROWS) fault(`${at} a lista tem ${value.length} empresas; informe até ${MAX_ROWS} por requisição.`);
  else return value.flatMap((row, i) => readRow(row, `Linha ${i + 1}`, fault) ?? []);
  return [];
}

function readRow(row: unknown, where: string, fault: (text: string) => void): LinhaPedida | undefined {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    fault(`${where} de Empresas: é ${kindOf(row)}; informe um objeto ({…}) com tipopessoa, cnpj ou cpf, IE, UF e Parametro.`);
    return undefined;
  }
  const fields = fieldsOf(row, where, fault);
  const pessoa = readPessoa(fields, fault);
  const parametro = readOneOrTwo(fields, 'Parametro', '1 (bloquear) ou 2 (liberar)', fault);
  return pessoa && parametro ? { ...pessoa, parametro } : undefined;
}
