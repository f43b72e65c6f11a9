import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import type { AmbienteName, Modo, ModoContingencia, Situacao } from './situacao.ts';

/** What of a note decides how it may be issued. */
export interface FatosDaNota {
  modelo: Modelo;
  uf: Uf;
  ambiente: AmbienteName;
  /** as the ERP wrote it; another than 1 is the ERP's own decision */
  tpEmisInformado: string;
  tpImp?: string | undefined;
  semIe: boolean;
  serie: number;
  /** with its offset */
  dhEmi: string;
}

/** The rows of the store that concern the note: the hub's own mode, and what a person of the account said. */
export interface ModosVistos {
  hub?: { situacao: Situacao; suspeitaDesde?: Date } | undefined;
  conta?:
    | {
        ordem?: { modo: Modo; desde: Date; justificativa?: string };
        simulacao?: { desde: Date; ate: Date; modo?: Modo };
      }
    | undefined;
}

/** How a note is issued. `aguardar`: not now, ask again then. */
export type EscolhaDeEmissao =
  | { modo: 'NORMAL' }
  | { modo: ModoContingencia; tpEmis: string; dhCont: string; desde: Date; xJust: string }
  | { modo: 'AGUARDAR'; ate: Date };
