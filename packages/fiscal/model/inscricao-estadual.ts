import { ISENTO } from './chave-entidade.ts';

/** True for what the layouts take as inscrição estadual of who issues (TIe of the XSD: 2 to 14 digits, or ISENTO). `ie` is as canonicalIe gives it. */
export function isIe(ie: string): boolean {
  return ie === ISENTO || /^[0-9]{2,14}$/.test(ie);
}
