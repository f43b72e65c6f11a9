import type { Fault } from '../fault.ts';
import { MODELO_CODES, MODELOS, type Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import { MODOS, type Modo, type Politica, type PoliticaModelo } from './politica.ts';
import { type PoliticaFaultCode, politicaFault, unknownName } from './politica-faults.ts';
import { MANUAL_MODOS, MODOS_CONTINGENCIA, type ModoContingencia } from './situacao.ts';

/** Whose policy is read. A company is `cnpj` even when it is known by a CPF; that decides which séries it has. */
export type Escopo = { tipo: 'conta' } | { tipo: 'uf'; uf: Uf } | { tipo: 'cnpj'; emitente: 'CNPJ' | 'CPF' };

export type ReadPoliticaResult = { ok: true; politica: Politica } | { ok: false; faults: Fault[] };

type Given = Readonly<Record<string, unknown>>;
type Report = (code: PoliticaFaultCode, path: string, message: string) => undefined;

const FIELDS = ['ativo', 'modelos', 'justificativa'];
const MODEL_FIELDS = ['modo', 'ordem', 'serieContingencia', 'formulariosFsda'];
/** Bounds the work and the answer of a hostile body: a valid one has fewer names and entries than this in any place. */
const MAX_REPORTED = 20;
const MAX_FORMULARIOS = 999_999_999;
const REMOVE = 'para herdar o valor do escopo mais amplo, retire o campo';

/**
 * The policy that a request body says, or everything wrong with it at once (of unknown names and of an order's entries, the first 20 each).
 * A field that is absent stays absent; null is refused. Reading what was read gives the same.
 */
export function readPolitica(body: unknown, escopo: Escopo): ReadPoliticaResult {
  const faults: Fault[] = [];
  const report: Report = (code, path, message) => {
    faults.push(politicaFault(code, path, message));
    return undefined;
  };
  const politica: Politica = {};
  const given = readObject(report, body, '', FIELDS);
  if (given?.ativo !== undefined) {
    if (typeof given.ativo === 'boolean') politica.ativo = given.ativo;
    else report('POL-001', 'ativo', `Campo ativo: use true ou false; ${REMOVE}.`);
  }
  if (given?.modelos !== undefined) politica.modelos = readModelos(report, given.modelos, escopo);
  if (given?.justificativa !== undefined) {
    const justificativa = readJustificativa(report, given.justificativa);
    if (justificativa !== undefined) politica.justificativa = justificativa;
  }
  return faults.length === 0 ? { ok: true, politica } : { ok: false, faults };
}

function readModelos(report: Report, value: unknown, escopo: Escopo): Partial<Record<Modelo, PoliticaModelo>> {
  const given = readObject(report, value, 'modelos', MODELO_CODES);
  const modelos: Partial<Record<Modelo, PoliticaModelo>> = {};
  for (const modelo of MODELO_CODES) {
    const one = given && Object.hasOwn(given, modelo) ? given[modelo] : undefined;
    if (one !== undefined) modelos[modelo] = readModelo(report, one, modelo, escopo);
  }
  return modelos;
}

function readModelo(report: Report, value: unknown, modelo: Modelo, escopo: Escopo): PoliticaModelo {
  const path = `modelos.${modelo}`;
  const { modo, ordem, serieContingencia, formulariosFsda } = readObject(report, value, path, MODEL_FIELDS) ?? {};
  const read: PoliticaModelo = {};
  const set = <K extends keyof PoliticaModelo>(name: K, found: PoliticaModelo[K] | undefined) => {
    if (found !== undefined) read[name] = found;
  };
  if (modo !== undefined) set('modo', readModo(report, modo, `${path}.modo`));
  if (ordem !== undefined) set('ordem', readOrdem(report, ordem, `${path}.ordem`, modelo, escopo));
  if (serieContingencia !== undefined)
    set('serieContingencia', readSerie(report, serieContingencia, `${path}.serieContingencia`, modelo, escopo));
  if (formulariosFsda !== undefined)
    set('formulariosFsda', readFormularios(report, formulariosFsda, `${path}.formulariosFsda`, modelo, escopo));
  if (Array.isArray(ordem) && ordem.slice(0, MAX_REPORTED).includes('FSDA') && accepts(modelo, 'FSDA'))
    checkFsda(report, `${path}.ordem`, { modo, formulariosFsda }, escopo);
  return read;
}

function readModo(report: Report, value: unknown, path: string): Modo | undefined {
  const found = MODOS.find((modo) => modo === value);
  return (
    found ?? report('POL-010', path, `Campo ${path}: ${typeof value === 'string' ? unknownName(value, MODOS) : `use ${MODOS.join(', ')}.`}`)
  );
}

function readOrdem(report: Report, value: unknown, path: string, modelo: Modelo, escopo: Escopo): ModoContingencia[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    const rule = `informe uma lista com ao menos uma modalidade (${accepted(modelo)}); para nunca emitir em contingência, use modo "desligado"`;
    return report('POL-011', path, `Campo ${path}: ${rule}.`);
  }
  const ordem: ModoContingencia[] = [];
  for (const [index, one] of value.slice(0, MAX_REPORTED).entries()) {
    const at = `${path}[${index}]`;
    const modalidade = MODOS_CONTINGENCIA.find((known) => known === one);
    if (modalidade === undefined) {
      report(
        'POL-011',
        at,
        `Campo ${at}: ${typeof one === 'string' ? unknownName(one, MODOS_CONTINGENCIA) : `use um texto: ${accepted(modelo)}.`}`,
      );
    } else if (!accepts(modelo, modalidade)) {
      const rule = `${MODELOS[modelo].sigla} (${modelo}) não tem ${modalidade}; use ${accepted(modelo)}`;
      report('POL-012', at, `Campo ${at}: ${rule}.`);
    } else if (ordem.includes(modalidade)) {
      report('POL-013', at, `Campo ${at}: ${modalidade} já está na ordem; deixe-a uma só vez.`);
    } else {
      if (modelo === '65' && modalidade === 'EPEC' && escopo.tipo === 'uf' && escopo.uf !== 'SP')
        report('POL-014', at, `Campo ${at}: a NFC-e tem EPEC só em SP, não em ${escopo.uf}; retire EPEC da ordem.`);
      ordem.push(modalidade);
    }
  }
  return ordem;
}

/** The order, the mode and the stock must stand in one policy of a company: inherited, another's change could make FSDA automatic. */
function checkFsda(report: Report, path: string, given: { modo: unknown; formulariosFsda: unknown }, escopo: Escopo): void {
  if (escopo.tipo !== 'cnpj')
    report('POL-020', path, `Campo ${path}: FSDA só na política de uma empresa, a que tem os formulários de segurança; retire FSDA daqui.`);
  else if (given.formulariosFsda === undefined)
    report('POL-023', path, `Campo ${path}: FSDA exige formulários de segurança; declare em formulariosFsda quantos a empresa tem.`);
  if (given.modo !== 'manual')
    report(
      'POL-021',
      path,
      `Campo ${path}: FSDA só por decisão de uma pessoa; informe modo "manual" nesta política ou retire FSDA da ordem.`,
    );
}

function readFormularios(report: Report, value: unknown, path: string, modelo: Modelo, escopo: Escopo): number | undefined {
  if (!accepts(modelo, 'FSDA')) {
    return report('POL-022', path, `Campo ${path}: ${MODELOS[modelo].sigla} (${modelo}) não usa formulário de segurança; retire o campo.`);
  }
  if (escopo.tipo !== 'cnpj') report('POL-020', path, `Campo ${path}: só na política de uma empresa; retire-o daqui.`);
  const found = readInteger(value);
  if (found !== undefined && found >= 1 && found <= MAX_FORMULARIOS) return found;
  return report('POL-022', path, `Campo ${path}: informe quantos formulários há, de 1 a ${MAX_FORMULARIOS}; sem nenhum, retire o campo.`);
}

function readSerie(report: Report, value: unknown, path: string, modelo: Modelo, escopo: Escopo): number | undefined {
  if (modelo !== '65') return report('POL-030', path, `Campo ${path}: só a NFC-e (65) tem série de contingência; retire o campo.`);
  if (escopo.tipo !== 'cnpj') {
    return report('POL-030', path, `Campo ${path}: só na política de uma empresa, pois a numeração é dela; informe-a na empresa.`);
  }
  const [min, max] = escopo.emitente === 'CPF' ? [920, 969] : [0, 889];
  const found = readInteger(value);
  if (found !== undefined && found >= min && found <= max) return found;
  return report(
    'POL-031',
    path,
    `Campo ${path}: emitente com ${escopo.emitente} usa série de ${min} a ${max}; reserve uma que o ERP não use.`,
  );
}

/** TString of the XSD: Latin-1 without blanks at the ends. */
function readJustificativa(report: Report, value: unknown): string | undefined {
  const wrong = (rule: string) => report('POL-040', 'justificativa', `Campo justificativa: ${rule}.`);
  if (typeof value !== 'string') return wrong(`informe um texto de 15 a 256 caracteres; ${REMOVE}`);
  if (value.length < 15 || value.length > 256) return wrong(`tem ${value.length} caracteres; são de 15 a 256`);
  if (!/^[!-ÿ][ -ÿ]*[!-ÿ]$/.test(value)) return wrong('tem espaço nas pontas ou caractere que a SEFAZ não aceita; use só os do Latin-1');
  return value;
}

/** The fields of an object; anything else is a fault, and so is each name that is not one of `known`. */
function readObject(report: Report, value: unknown, path: string, known: readonly string[]): Given | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return report('POL-001', path, `${path === '' ? 'O corpo' : `Campo ${path}:`} deve ser um objeto JSON.`);
  }
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  for (const name of unknown.slice(0, MAX_REPORTED)) {
    const at = `${path === '' ? '' : `${path}.`}${name.slice(0, 40)}`;
    report('POL-002', at, `Campo ${at}: ${unknownName(name, known)}`);
  }
  return value as Given;
}

/** A whole number, also as its digits. */
function readInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
  // -0 is a number of JSON; adding 0 makes it plain.
  return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : undefined;
}

const accepts = (modelo: Modelo, modalidade: ModoContingencia) => MANUAL_MODOS[modelo].includes(modalidade);
const accepted = (modelo: Modelo) => MANUAL_MODOS[modelo].join(', ');
