import { type AmbienteName, MANUAL_MODOS, MODOS_CONTINGENCIA, type Modo } from '@malote/fiscal/contingencia/situacao';
import { isUf, UFS, type Uf } from '@malote/fiscal/model/uf';
import { type Reading, readObject, readOneOf, readText, startReading } from './read-fields.ts';
import { Refused } from './refused.ts';

/** Models that are emitted, and so have a mode. */
export const MODELOS_COM_MODO = ['55', '65'] as const;
export type ModeloComModo = (typeof MODELOS_COM_MODO)[number];

/** What a person orders for the notes of an account. `AUTOMATICO` takes an earlier order back. */
export interface Ordem {
  modelo: ModeloComModo;
  uf: Uf;
  ambiente: AmbienteName;
  modo: Modo | 'AUTOMATICO';
  /** xJust of the notes, and what is kept of why. */
  justificativa?: string;
}

/** A drill: for so long the account's notes are issued as if the authoriser were away; 0 ends it. */
export interface Simulacao {
  modelo: ModeloComModo;
  uf: Uf;
  minutos: number;
}

export const MAX_MINUTOS = 240;
const XJUST = /^[!-ÿ][ -ÿ]{13,254}[!-ÿ]$/;

/** Reads the body of an order. Throws Refused `ordem-invalida` with every fault. */
export function readOrdem(given: unknown): Ordem {
  const reading = startReading();
  const fields = readObject(reading, given, '', ['modelo', 'uf', 'ambiente', 'modo', 'justificativa']) ?? {};
  const where = readWhere(reading, fields);
  const ambiente = readOneOf(reading, fields.ambiente, 'ambiente', ['hom', 'prod'] as const);
  const modo = readModo(reading, fields.modo, where);
  const justificativa = fields.justificativa == null ? undefined : readText(reading, fields.justificativa, 'justificativa', 256);
  if (justificativa !== undefined && !XJUST.test(justificativa)) {
    reading.fault('justificativa-invalida', 'justificativa', 'é o xJust das notas: de 15 a 256 caracteres, só os do Latin-1');
  }
  if (reading.faults.length > 0 || !where || !ambiente || !modo) throw invalid(reading);
  return { ...where, ambiente, modo, ...(justificativa === undefined ? {} : { justificativa }) };
}

/** Reads the body of a drill. Throws Refused `ordem-invalida` with every fault. */
export function readSimulacao(given: unknown): Simulacao {
  const reading = startReading();
  const fields = readObject(reading, given, '', ['modelo', 'uf', 'minutos', 'ambiente']) ?? {};
  const where = readWhere(reading, fields);
  if (fields.ambiente !== undefined && fields.ambiente !== 'hom') {
    reading.fault('campo-valor', 'ambiente', 'uma simulação só existe em homologação; use hom ou retire o campo');
  }
  const { minutos } = fields;
  const fits = typeof minutos === 'number' && Number.isInteger(minutos) && minutos >= 0 && minutos <= MAX_MINUTOS;
  if (!fits) reading.fault('campo-valor', 'minutos', `use um número inteiro de 1 a ${MAX_MINUTOS}, ou 0 para encerrar a simulação`);
  if (reading.faults.length > 0 || !where || !fits) throw invalid(reading);
  return { ...where, minutos: minutos as number };
}

function readWhere(reading: Reading, fields: Readonly<Record<string, unknown>>): { modelo: ModeloComModo; uf: Uf } | undefined {
  const modelo = readOneOf(reading, fields.modelo, 'modelo', MODELOS_COM_MODO);
  const sigla = typeof fields.uf === 'string' ? fields.uf.toUpperCase() : '';
  const uf = isUf(sigla) ? sigla : reading.fault('uf-invalida', 'uf', `use a sigla de uma UF: ${Object.keys(UFS).join(', ')}`);
  return modelo && uf && { modelo, uf };
}

function readModo(reading: Reading, given: unknown, where: { modelo: ModeloComModo; uf: Uf } | undefined): Ordem['modo'] | undefined {
  const ofModelo = where ? MANUAL_MODOS[where.modelo] : MODOS_CONTINGENCIA;
  const modo = readOneOf(reading, given, 'modo', ['NORMAL', 'AUTOMATICO', ...ofModelo]);
  if (where?.modelo === '65' && modo === 'EPEC' && where.uf !== 'SP') {
    return reading.fault('modo-invalido', 'modo', `a NFC-e tem EPEC só em SP, não em ${where.uf}; use OFFLINE`);
  }
  return modo;
}

function invalid({ faults }: Reading): Refused {
  return new Refused('ordem-invalida', faults.map(({ message }) => message).join(' '), faults[0]?.campo, faults);
}
