import { isModelo, type Modelo } from '../model/modelo.ts';
import { chaveDv } from './check-digits.ts';

/**
 * Chave de acesso, 44 positions (MOC 7.0 table 2-1; letters in the CNPJ since NT 2026.004):
 * cUF 2 | AAMM 4 | CNPJ or zero-padded CPF 14 | modelo 2 | série 3 | número 9 | tpEmis 1 | cNF 8 | DV 1.
 * It stays text everywhere: it is longer than a number can hold and may carry letters.
 */
export type ChaveAcesso = string & { readonly __brand: 'ChaveAcesso' };

export interface ChaveParts {
  cUF: string;
  /** year and month of dhEmi as written, in the document's own offset */
  aamm: string;
  /** 14 positions: CNPJ, or CPF with three zeros before it. Not always the emitter: NFA-e (séries 890–899) carry SEFAZ's own CNPJ. */
  documento: string;
  modelo: Modelo;
  /** 3 digits */
  serie: string;
  /** 9 digits */
  numero: string;
  tpEmis: string;
  cNF: string;
  cDV: string;
}

const FORM = /^[0-9]{6}[0-9A-Z]{12}[0-9]{26}$/;

/** True for a well-formed chave with the right check digit, a month 01–12 and a model Malote knows. */
export function isChave(text: string): text is ChaveAcesso {
  if (!FORM.test(text) || !isModelo(text.slice(20, 22))) return false;
  const month = Number(text.slice(4, 6));
  return month >= 1 && month <= 12 && chaveDv(text.slice(0, 43)) === text[43];
}

/** The parts of a chave; undefined when `isChave` is false. */
export function parseChave(text: string): ChaveParts | undefined {
  const modelo = text.slice(20, 22);
  if (!isChave(text) || !isModelo(modelo)) return undefined;
  return {
    cUF: text.slice(0, 2),
    aamm: text.slice(2, 6),
    documento: text.slice(6, 20),
    modelo,
    serie: text.slice(22, 25),
    numero: text.slice(25, 34),
    tpEmis: text.slice(34, 35),
    cNF: text.slice(35, 43),
    cDV: text.slice(43),
  };
}

/**
 * Builds a chave. `documento` may be an 11-digit CPF, `serie` and `numero` may come without leading zeros.
 * Throws RangeError when a part does not fit: parts are checked before (emission/identity), so this is a bug of the caller.
 */
export function buildChave(parts: Omit<ChaveParts, 'cDV' | 'modelo'> & { modelo: string }): ChaveAcesso {
  const first43 =
    parts.cUF +
    parts.aamm +
    parts.documento.padStart(14, '0') +
    parts.modelo +
    parts.serie.padStart(3, '0') +
    parts.numero.padStart(9, '0') +
    parts.tpEmis +
    parts.cNF;
  if (parts.cNF.length !== 8 || parts.tpEmis.length !== 1 || parts.cUF.length !== 2 || parts.aamm.length !== 4) {
    throw new RangeError('a part of the chave de acesso has the wrong length');
  }
  const chave = first43 + chaveDv(first43);
  if (!isChave(chave)) throw new RangeError('the parts do not make a chave de acesso');
  return chave;
}
