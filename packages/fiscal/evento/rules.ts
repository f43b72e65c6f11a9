import { parseDateTime } from '../emission/date-time.ts';
import type { Layout } from '../emission/identity.ts';
import type { Aviso, DocumentState } from '../emission/lifecycle-state.ts';
import type { Fault } from '../fault.ts';
import type { Modelo } from '../model/modelo.ts';
import type { Uf } from '../model/uf.ts';
import type { RegistroState } from '../registro/registro-state.ts';
import { textAt, type XmlDocument } from '../xml/parse.ts';
import { type EventoFaultCode, eventoFault } from './fault-codes.ts';
import type { EventoKind } from './kinds.ts';
import { locateEvento } from './locate-evento.ts';
import type { NotaComparada } from './nota-comparada.ts';
import { checkPrazo, type PrazoEvento } from './prazos.ts';
import { checkSubstituicao } from './substituicao.ts';

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
  /** CNPJ, CPF or foreign id of the recipient, where it is known */
  destinatario?: string;
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

/** How a rule tells a broken one; `path` is below detEvento unless it begins with infEvento. */
export type ReportEvento = (code: EventoFaultCode, path: string, message: string) => void;

/** SEFAZ's clock may be ahead of ours by so much, and no event may be dated later. */
const FUTURE_TOLERANCE = 5 * 60_000;

const PENDING: ReadonlySet<DocumentState> = new Set<DocumentState>(['received', 'signed', 'issued', 'uncertain']);

/**
 * The pre-send rules of events that are cheap and certain: what fails here SEFAZ would reject, and each rejection counts against the company
 * (consumo indevido). A deadline that is over is an aviso and SEFAZ decides (501 or 155), unless its row is rigid. Never throws.
 */
export function checkEventoRules(facts: EventoRuleFacts): EventoRuleResult {
  const located = locateEvento(facts.doc, facts.layout);
  if (Array.isArray(located)) return { faults: located, avisos: [] };
  const { inf, det } = located;
  const faults: Fault[] = [];
  const avisos: Aviso[] = [];
  const fault: ReportEvento = (code, path, message) => {
    faults.push(eventoFault(code, path.startsWith('infEvento') ? path : `infEvento/detEvento/${path}`, message));
  };
  const text = (path: string) => (det ? textAt(det, path) : undefined);
  checkState(facts, fault);
  checkAuthor(facts, fault);
  checkDhEvento(facts, textAt(inf, 'dhEvento')?.trim() ?? '', fault);
  checkTexts(facts, text, fault);
  checkBlocks(facts, fault);
  if (facts.kind.substitui) checkSubstituicao(facts, text(facts.kind.substitui)?.trim() ?? '', fault, avisos);
  checkPrazo(facts, fault, avisos);
  return { faults, avisos };
}

function checkState({ documento, kind }: EventoRuleFacts, fault: ReportEvento): void {
  const { state } = documento;
  const path = 'infEvento/chNFe';
  if (kind.previo) {
    if (state !== 'signed') fault('EVT-055', path, 'O EPEC vem antes da nota: só uma nota assinada e ainda não transmitida o recebe.');
    return;
  }
  if (state === 'authorized') return;
  if (state === 'cancelled') {
    const again = kind.cancela ? 'A nota já está cancelada.' : 'A nota está cancelada e não recebe mais eventos.';
    fault('EVT-041', path, `${again} Nenhum envio é necessário.`);
  } else if (PENDING.has(state)) {
    fault('EVT-040', path, 'A nota ainda não está autorizada: está em processamento. Aguarde a autorização e envie o evento de novo.');
  } else {
    fault('EVT-040', path, 'A nota não está autorizada: só nota autorizada recebe eventos.');
  }
}

function checkAuthor({ documento, kind, autor }: EventoRuleFacts, fault: ReportEvento): void {
  const own = autor === documento.emitente;
  if (kind.autor === 'emitente' && !own) {
    fault('EVT-042', 'infEvento/CNPJ', `Só o emitente da nota (${documento.emitente}) envia este evento; quem o assina é ${autor}.`);
  }
  if (kind.autor === 'destinatario' && documento.destinatario !== undefined && documento.destinatario !== autor) {
    fault('EVT-043', 'infEvento/CNPJ', `Só o destinatário da nota envia este evento; quem o assina é ${autor}.`);
  }
}

/** Of a given dhEvento: one that the hub writes is right by itself. */
function checkDhEvento({ documento, now }: EventoRuleFacts, dhEvento: string, fault: ReportEvento): void {
  const when = parseDateTime(dhEvento);
  if (!when) return;
  const path = 'infEvento/dhEvento';
  if (when.getTime() - now.getTime() > FUTURE_TOLERANCE) {
    fault('EVT-051', path, `dhEvento ${dhEvento} está mais de 5 minutos no futuro. Confira o relógio e o fuso, ou retire o campo.`);
  }
  const autorizado = parseDateTime(documento.dhRecbto ?? '');
  if (autorizado && when < autorizado) {
    fault('EVT-053', path, `dhEvento ${dhEvento} é anterior à autorização da nota (${documento.dhRecbto}). Corrija-o ou retire o campo.`);
  }
}

type TextAt = (path: string) => string | undefined;

function checkTexts({ documento, kind, nSeqEvento }: EventoRuleFacts, text: TextAt, fault: ReportEvento): void {
  const length = (code: EventoFaultCode, tag: string, min: number, max: number) => {
    const value = text(tag);
    // The XSD counts characters, not UTF-16 units.
    const n = value === undefined ? 0 : [...value].length;
    if (n >= min && n <= max) return;
    const found = n === 0 ? `Falta ${tag}` : `${tag} tem ${n} caracteres`;
    fault(code, tag, `${found}: escreva de ${min} a ${max} caracteres.`);
  };
  if (kind.campos.includes('xJust')) length('EVT-044', 'xJust', 15, 255);
  if (kind.campos.includes('xCorrecao')) length('EVT-045', 'xCorrecao', 15, 1000);
  if (nSeqEvento < 1 || nSeqEvento > kind.maxSeq) {
    const limit = kind.maxSeq === 1 ? 'só pode ser registrado uma vez (nSeqEvento 1)' : `vai até o número ${kind.maxSeq}`;
    fault('EVT-046', 'infEvento/nSeqEvento', `nSeqEvento ${nSeqEvento} não é aceito: este evento ${limit} por nota.`);
  }
  const nProt = text('nProt')?.trim();
  if (nProt && !kind.desfaz && documento.nProt && nProt !== documento.nProt) {
    const message = `nProt ${nProt.slice(0, 20)} não é o protocolo da nota (${documento.nProt}). Corrija-o ou retire o campo: ele é preenchido aqui.`;
    fault('EVT-049', 'nProt', message);
  }
}

function checkBlocks({ kind, eventos }: EventoRuleFacts, fault: ReportEvento): void {
  const registered = (code: string | undefined) =>
    eventos.filter(({ tpEvento, state }) => tpEvento === code && state === 'registered').length;
  for (const { tpEvento, salvo, code, motivo } of kind.bloqueadoPor ?? []) {
    if (registered(tpEvento) > registered(salvo)) fault(code, 'infEvento/chNFe', motivo);
  }
}
