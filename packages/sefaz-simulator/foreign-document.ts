import { createHash } from 'node:crypto';
import { type Autorizador, allAutorizadores, codigoUf, findAutorizador, localTime } from './autorizadores.ts';
import { checkDigit, readChave } from './chave.ts';
import type { Autorizacao, Database } from './database.ts';
import { numberOfChave } from './document.ts';
import { InputError, integer, type JsonObject, object, only, text } from './json-input.ts';
import { motivo } from './motivos.ts';

/** A note that somebody else had authorised before: it holds its number, whatever the caller thinks of it. */
export interface ForeignDocument {
  autorizador: Autorizador;
  note: Omit<Autorizacao, 'autorizador' | 'nProt' | 'nRec'>;
}

const KEY_PARTS = ['uf', 'cnpj', 'modelo', 'serie', 'numero', 'aamm', 'tpEmis', 'cNF'];
/** What a stored note may have become; a consult answers this cStat, and another send of its key what `database.ts` says. */
const STATES = ['100', '101', '110', '150', '151'];

/**
 * `{chave}`, or the parts of a key `{uf, cnpj, modelo?, serie?, numero, aamm?, tpEmis?, cNF?}` (check digit computed, month of `now`);
 * with `autorizador?` (that of the key), `ambiente?` (2), `digVal?` (one that no note has), `cStat?` (100) and
 * `dest?` (CNPJ or CPF of the recipient, whose events are taken).
 * @throws InputError
 */
export function readForeignDocument(input: unknown, now: Date): ForeignDocument {
  const body = object(input, 'a document');
  only(body, ['chave', ...KEY_PARTS, 'autorizador', 'ambiente', 'digVal', 'cStat', 'dest']);
  const both = body.chave === undefined ? [] : KEY_PARTS.filter((part) => body[part] !== undefined);
  if (both.length > 0) throw new InputError(`chave says it all: leave out ${both.join(', ')}`);
  const chave = readChave(
    body.chave === undefined ? buildChave(body, now) : text(body.chave, 'chave', /^[0-9A-Z]{44}$/, 'a key of 44 characters'),
  );
  if (!chave || checkDigit(chave.text.slice(0, 43)) !== chave.cDV) throw new InputError('chave has a wrong form or check digit');
  const ambiente = body.ambiente === undefined ? '2' : text(body.ambiente, 'ambiente', /^[12]$/, '"1" or "2"');
  const cStat = body.cStat === undefined ? '100' : String(body.cStat);
  if (!STATES.includes(cStat)) throw new InputError(`cStat of a stored document is one of ${STATES.join(', ')}`);
  const digVal =
    body.digVal === undefined
      ? createHash('sha1').update(`foreign ${chave.text}`).digest('base64')
      : text(body.digVal, 'digVal', /^[A-Za-z0-9+/]{27}=$/, 'a SHA-1 digest in base64');
  const dest = body.dest === undefined ? undefined : text(body.dest, 'dest', /^([0-9A-Z]{12}\d{2}|\d{11})$/, 'a CNPJ or CPF');
  const autorizador = autorizadorOf(body.autorizador, chave.modelo, chave.cUF, chave.tpEmis);
  const number = numberOfChave(chave, ambiente);
  const at = now.toISOString();
  const dhRecbto = localTime(now, chave.cUF);
  const state = { cStat, xMotivo: motivo(cStat), foreign: true, ...(dest === undefined ? {} : { summary: { dest } }) };
  return { autorizador, note: { ...number, chave: chave.text, digVal, at, dhRecbto, ...state } };
}

/** @throws InputError when another note holds the number at that authoriser */
export function checkNumberIsFree({ autorizador, note }: ForeignDocument, db: Database): void {
  const existing = db.findNumber(autorizador.name, note);
  if (existing && existing.chave !== note.chave) throw new InputError(`the number is held by ${existing.chave} at ${autorizador.name}`);
}

/** Stores it; the same key a second time is left as it is. @throws InputError as `checkNumberIsFree` */
export async function registerForeign(document: ForeignDocument, db: Database): Promise<Autorizacao> {
  checkNumberIsFree(document, db);
  const { autorizador, note } = document;
  return db.findNumber(autorizador.name, note) ?? (await db.authorize(autorizador, note));
}

function buildChave(body: JsonObject, now: Date): string {
  const uf = text(body.uf, 'uf', /^[A-Z]{2}$/, 'the initials of a state (or give chave)');
  const cUF = codigoUf(uf);
  if (!cUF) throw new InputError(`uf "${uf}" is no state`);
  const emitente = text(body.cnpj, 'cnpj', /^([0-9A-Z]{12}\d{2}|\d{11})$/, 'a CNPJ or CPF').padStart(14, '0');
  const part = (name: string, fallback: string, form: RegExp, expected: string) =>
    body[name] === undefined ? fallback : text(String(body[name]), name, form, expected);
  const modelo = part('modelo', '55', /^(55|65)$/, '"55" or "65"');
  const aamm = part('aamm', localTime(now, cUF).slice(2, 7).replace('-', ''), /^\d{4}$/, 'year and month in four digits');
  const serie = String(body.serie === undefined ? 1 : integer(body.serie, 'serie', 0)).padStart(3, '0');
  const numero = String(integer(body.numero, 'numero', 1)).padStart(9, '0');
  const tpEmis = part('tpEmis', '1', /^[1-9]$/, 'one digit');
  const cNF = part('cNF', '27182818', /^\d{8}$/, 'eight digits');
  const base = cUF + aamm + emitente + modelo + serie + numero + tpEmis + cNF;
  return base + checkDigit(base);
}

function autorizadorOf(given: unknown, modelo: string, cUF: string, tpEmis: string): Autorizador {
  const svc = { '6': 'SVC-AN', '7': 'SVC-RS' }[tpEmis];
  const name = given === undefined ? svc : String(given);
  const found =
    name === undefined
      ? allAutorizadores().find((a) => a.modelo === modelo && a.kind !== 'svc' && a.ufs.has(cUF))
      : findAutorizador(modelo, name);
  if (!found)
    throw new InputError(
      name === undefined ? `no authoriser for model ${modelo} and state ${cUF}` : `no authoriser "${name}" of model ${modelo}`,
    );
  return found;
}
