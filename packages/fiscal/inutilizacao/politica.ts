import { UFS, type Uf } from '../model/uf.ts';
import { VERMELHO_DIA } from './data/limits.data.ts';
import type { FaixaProposta } from './lacunas.ts';

/** What becomes of a company's number gaps: shown only, or made void by the hub. */
export type PoliticaLacunas = 'propor' | 'inutilizar';

/** Said to SEFAZ of a gap when the company has no text of its own. */
export const JUSTIFICATIVA_PADRAO = 'Números não utilizados: quebra na sequência da numeração do sistema emissor';

/** The calendar day of an instant in the zone of a UF, `2026-11-21`. */
export function diaNaUf(uf: Uf, at: Date): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: UFS[uf].timezone }).format(at);
}

/** The ranges that may be made void without a person on the day `hoje`: those of the month before, from its 1st day to the legal limit. */
export function inutilizaveis<T extends Pick<FaixaProposta, 'ate'>>(propostas: readonly T[], hoje: string): T[] {
  if (Number(hoje.slice(8)) > VERMELHO_DIA) return [];
  return propostas.filter(({ ate }) => ate.slice(0, 7) === hoje.slice(0, 7));
}

/** Why SEFAZ would not take the text as justificativa (TJust of the XSD: 15 to 255 characters of Latin-1); undefined when it would. */
export function justificativaFault(texto: string): string | undefined {
  if (texto.length < 15 || texto.length > 255) return `tem ${texto.length} caracteres; são de 15 a 255`;
  if (!/^[!-ÿ][ -ÿ]*[!-ÿ]$/.test(texto)) return 'tem espaço nas pontas ou um caractere que a SEFAZ não aceita (só os do Latin-1)';
  return undefined;
}
