import type { CStatClass } from '../retorno/c-stat.ts';

/** What a reader of SEFAZ's answers tells of an evento or an inutilização. */
export type RegistroRetorno =
  /** the fate of the request itself; `xml`: the retEvento or retInutNFe, a document of its own */
  | { kind: 'said'; class: CStatClass; cStat: string; xMotivo: string; nProt?: string; dhRegistro?: string; xml?: string }
  /** only the service spoke: an envelope without result, or a consult that was not answered */
  | { kind: 'service'; class: CStatClass; cStat: string; xMotivo: string }
  /** a consult shows it; `proc`: the procEventoNFe as SEFAZ holds it */
  | {
      kind: 'found';
      cStat: string;
      xMotivo: string;
      nProt?: string;
      dhRegistro?: string;
      proc?: string;
      digest?: string;
      autor?: string;
    }
  /** a consult was answered and does not show it */
  | { kind: 'absent' }
  /** proves nothing: what was asked for may have happened */
  | { kind: 'unreadable'; reason: string };

/** `uncertain`: a transmission whose fate is unknown. `registered`, `rejected`, `invalid` and `conflict` are settled. */
export type RegistroState = 'received' | 'signed' | 'uncertain' | 'registered' | 'rejected' | 'invalid' | 'conflict';
