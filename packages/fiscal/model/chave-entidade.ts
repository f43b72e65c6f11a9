import type { Uf } from './uf.ts';

/** An establishment as a contract system or an XML names it; the IE may be missing, masked or ISENTO. */
export interface Estabelecimento {
  /** CNPJ or CPF, without mask. */
  documento: string;
  uf: Uf;
  ie?: string | undefined;
}

export const ISENTO = 'ISENTO';

/** One spelling of an IE: upper case, without mask; leading zeros stay, since some UFs have them. None at all is ISENTO. */
export function canonicalIe(ie: string | undefined): string {
  return (ie ?? '').replace(/[./\s-]/g, '').toUpperCase() || ISENTO;
}

/** `<documento>.<uf>.<ie>`: all entities of one establishment share it. */
export function chaveEntidade({ documento, uf, ie }: Estabelecimento): string {
  return `${documento.toUpperCase()}.${uf}.${canonicalIe(ie)}`;
}
