import type { Layout } from '../emission/identity.ts';
import type { Aviso, DocumentState } from '../emission/lifecycle-state.ts';
import type { Fault } from '../fault.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import type { RegistroState } from '../registro/registro-state.ts';
import type { XmlDocument } from '../xml/parse.ts';
import type { EventoKind } from './kinds.ts';
import type { NotaComparada } from './nota-comparada.ts';
import type { PrazoEvento } from './prazos.ts';

/** What the rules ask of a document. */
export interface DocumentoDoEvento {
  chave: string;
  modelo: Modelo;
  uf: Uf;
  state: DocumentState;
  /** CNPJ or CPF of the emitter */
  emitente: string;
  tpEmis: string;
  dhEmi: string;
  /** of the authorisation, as SEFAZ wrote it */
  dhRecbto?: string;
  nProt?: string;
  /** what a substitution compares: only needed for 110112 (readNotaComparada of the signed note) */
  nota?: NotaComparada;
}

export interface EventoRuleFacts {
  kind: EventoKind;
  /** the request as received */
  doc: XmlDocument;
  layout: Layout;
  /** the number it gets */
  nSeqEvento: number;
  /** CNPJ or CPF that signs it */
  autor: string;
  documento: DocumentoDoEvento;
  /** the document of chNFeRef, where the hub holds it: only for 110112 */
  substituta?: DocumentoDoEvento;
  /** of the document, this one aside */
  eventos: readonly { tpEvento: string; nSeqEvento: number; state: RegistroState }[];
  prazos: readonly PrazoEvento[];
  now: Date;
}

export interface EventoRuleResult {
  faults: Fault[];
  avisos: Aviso[];
}

/** The pre-send rules of events that are certain: what fails here SEFAZ would reject. Deadlines warn, unless their row is rigid. */
export function checkEventoRules(_facts: EventoRuleFacts): EventoRuleResult {
  return { faults: [], avisos: [] };
}
