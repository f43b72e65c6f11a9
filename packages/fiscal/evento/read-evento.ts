import { hash } from 'node:crypto';
import { isChave } from '../chave/chave-acesso.ts';
import { parseDateTime } from '../emission/date-time.ts';
import type { Layout } from '../emission/identity.ts';
import type { Fault } from '../fault.ts';
import { canonicalize } from '../xml/canonicalize.ts';
import { child, textAt, type XmlDocument, XmlError } from '../xml/parse.ts';
import { type EventoFaultCode, eventoFault } from './fault-codes.ts';
import { eventoKind } from './kinds.ts';
import { type LocatedEvento, locateEvento } from './locate-evento.ts';

/** What a request says of the event that it wants; what it leaves out the hub decides. */
export interface PedidoEvento {
  chave?: string;
  tpAmb?: '1' | '2';
  /** CNPJ or CPF */
  autor?: string;
  tpEvento: string;
  nSeqEvento?: number;
  /** as written, with its offset */
  dhEvento?: string;
  /** a Signature came with it */
  assinado: boolean;
  /** hex SHA-256 over tpEvento, the given nSeqEvento and the C14N of detEvento: not of dhEvento and Id, which a caller writes anew */
  fingerprint: string;
}

export type ReadEventoResult = { ok: true; pedido: PedidoEvento } | { ok: false; faults: Fault[] };

/** Reads one event, alone or in its envEvento. Never throws: every invalid field is a fault of its own; absent ones are fine, but tpEvento. */
export function readEvento(doc: XmlDocument, layout: Layout): ReadEventoResult {
  const located = locateEvento(doc, layout);
  if (Array.isArray(located)) return { ok: false, faults: located };
  const fields = readFields(located);
  if (Array.isArray(fields)) return { ok: false, faults: fields };
  try {
    const det = located.det ? canonicalize(doc, located.det) : '';
    const fingerprint = hash('sha256', `${fields.tpEvento}|${fields.nSeqEvento ?? ''}|${det}`);
    return { ok: true, pedido: { ...fields, fingerprint } };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    return { ok: false, faults: [eventoFault('EVT-002', 'infEvento/detEvento', error.message)] };
  }
}

function readFields({ evento, inf }: LocatedEvento): Omit<PedidoEvento, 'fingerprint'> | Fault[] {
  const faults: Fault[] = [];
  const optional = (code: EventoFaultCode, tag: string, ok: (text: string) => boolean, rule: string): string | undefined => {
    const text = textAt(inf, tag)?.trim() ?? '';
    if (text === '') return undefined;
    if (!ok(text)) faults.push(eventoFault(code, `infEvento/${tag}`, `${tag} "${text.slice(0, 60)}" é inválido: ${rule}.`));
    return text;
  };
  const chave = optional('EVT-007', 'chNFe', isChave, 'informe as 44 posições da chave de acesso do documento');
  const tpEvento = optional('EVT-008', 'tpEvento', (t) => /^[0-9]{6}$/.test(t), 'informe o código do evento, 6 dígitos');
  if (tpEvento === undefined) {
    faults.push(eventoFault('EVT-008', 'infEvento/tpEvento', 'Falta tpEvento em infEvento: informe o código do evento, 6 dígitos.'));
  }
  const nSeq = optional('EVT-009', 'nSeqEvento', (t) => /^0*[1-9][0-9]?$/.test(t), 'informe o número de sequência, de 1 a 99');
  if (tpEvento !== undefined && nSeq === undefined && eventoKind('55', tpEvento)?.seqDoDesfeito) {
    const message = 'Falta nSeqEvento em infEvento: informe o número de sequência do evento a cancelar.';
    faults.push(eventoFault('EVT-009', 'infEvento/nSeqEvento', message));
  }
  const dhRule = 'informe data e hora com o fuso, como 2026-11-21T10:00:00-03:00, ou retire o campo';
  const dhEvento = optional('EVT-010', 'dhEvento', (t) => parseDateTime(t) !== undefined, dhRule);
  const tpAmb = optional('EVT-011', 'tpAmb', (t) => t === '1' || t === '2', 'use 1 para produção ou 2 para homologação');
  const cnpj = optional('EVT-012', 'CNPJ', (t) => /^[0-9A-Z]{12}[0-9]{2}$/.test(t), 'informe as 14 posições sem máscara');
  const cpf = optional('EVT-012', 'CPF', (t) => /^[0-9]{11}$/.test(t), 'informe os 11 dígitos sem máscara');
  if (cnpj !== undefined && cpf !== undefined) {
    faults.push(eventoFault('EVT-012', 'infEvento', 'O autor do evento traz CNPJ e CPF. Informe só um dos dois.'));
  }
  if (faults.length > 0 || tpEvento === undefined) return faults;
  return {
    chave,
    tpAmb: tpAmb as '1' | '2' | undefined,
    autor: cnpj ?? cpf,
    tpEvento,
    nSeqEvento: nSeq === undefined ? undefined : Number(nSeq),
    dhEvento,
    assinado: child(evento, 'Signature') !== undefined,
  };
}
