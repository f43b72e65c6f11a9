import type { DocumentState } from '../emission/lifecycle-state.ts';

/** What the hub holds of a number. */
export interface NumeroDaSerie {
  numero: number;
  state: DocumentState;
  /** every tpEmis with which the number was ever signed, its present one included */
  tpEmis: readonly string[];
  transmitido: boolean;
  /** AAMM of the emission, where it is known */
  aamm?: string;
}

/** `livre`: nothing is known of it. The others say why it is in the list, or why it is not proposed. */
export type SituacaoLacuna = 'livre' | 'rejeitada' | 'invalida' | 'incerta' | 'em-processamento' | 'contingencia';

export interface NumeroLacuna {
  numero: number;
  situacao: SituacaoLacuna;
  /** may be proposed to be made void */
  proponivel: boolean;
}

export interface FaixaProposta {
  numeroInicial: number;
  numeroFinal: number;
  /** AA of the request */
  ano: string;
  /** last day, `2026-12-10` */
  ate: string;
  nivel: 'normal' | 'alerta' | 'vermelho';
}

export interface Lacunas {
  numeros: NumeroLacuna[];
  propostas: FaixaProposta[];
  nivel: 'normal' | 'alerta' | 'vermelho';
}

/** Gaps of one série between used numbers. */
export function lacunas(_facts: {
  de: number;
  ate: number;
  numeros: readonly NumeroDaSerie[];
  inutilizadas: readonly { numeroInicial: number; numeroFinal: number }[];
  /** today in the emitter's zone, `2026-11-21` */
  hoje: string;
}): Lacunas {
  return { numeros: [], propostas: [], nivel: 'normal' };
}
