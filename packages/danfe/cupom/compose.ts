import { at, textAt } from '@malote/fiscal/xml/parse';
import { epecText, protocolText, situationTexts } from '../note/contingency.ts';
import { dateTime, decimal, inFours, numero, serie } from '../note/format.ts';
import { documentOf } from '../note/person.ts';
import type { Note } from '../note/read-note.ts';
import { centered, type Entry, rule } from './entry.ts';
import {
  consumerEntries,
  emitterEntries,
  identityEntries,
  itemEntries,
  keyEntries,
  messageEntries,
  noticeOf,
  totalEntries,
} from './parts.ts';

export interface CupomOptions {
  /** Without division II (resumido or ecológico), where UF and consumer allow it. */
  semItens?: boolean | undefined;
  /** Off-line contingency: how many copies; default 2. */
  vias?: 1 | 2 | undefined;
  lineBreak?: string | undefined;
}

/** The copies of a DANFE NFC-e (manual v6.0) or of a DANFE Simplificado Tipo 2 (NT 2026.003). */
export function cupomCopies(note: Note, options: CupomOptions): Entry[][] {
  const offline = note.tpEmis === '9' && note.situation.kind === 'contingencia';
  if (!offline || options.vias === 1) return [cupom(note, options, undefined)];
  return [cupom(note, options, 'Via do Consumidor'), cupom(note, options, 'Via do Estabelecimento')];
}

function cupom(note: Note, options: CupomOptions, copy: string | undefined): Entry[] {
  const tipo2 = note.modelo === '55';
  const title = tipo2 ? 'DANFE Simplificado Tipo 2' : 'Documento Auxiliar da Nota Fiscal de Consumidor Eletrônica';
  return [
    ...emitterEntries(note, title),
    ...noticeOf(note),
    ...(options.semItens ? [] : itemEntries(note)),
    ...totalEntries(note, tipo2),
    ...keyEntries(note),
    ...consumerEntries(note, tipo2),
    ...identityEntries(note, copy),
    ...(note.tpEmis === '9' ? noticeOf(note) : []),
    ...(note.qrCode === undefined ? [] : [{ kind: 'qr', text: note.qrCode } as const]),
    ...messageEntries(note, options.lineBreak),
  ];
}

/** DANFE Simplificado (tpImp 3) and its label form without items (MOC 7.0 Anexo II 3.11, 3.12). */
export function simplifiedEntries(note: Note, label: boolean): Entry[] {
  const { inf, chave } = note;
  const get = (path: string) => textAt(inf, path) ?? '';
  const kind = get('ide/tpNF') === '0' ? '0 - ENTRADA' : '1 - SAÍDA';
  const ie = get('dest/IE');
  return [
    ...(chave === '' ? [] : [{ kind: 'bars', text: chave } as const]),
    centered(label ? 'DANFE Simplificado – Etiqueta' : 'DANFE SIMPLIFICADO', true, 9),
    centered('CHAVE DE ACESSO', true, 6.5),
    centered(inFours(chave), true, 7),
    ...protocolEntries(note),
    ...noticeOf(note),
    rule,
    { kind: 'logo' },
    { kind: 'text', text: 'EMITENTE', bold: true, size: 6.5 },
    { kind: 'text', text: get('emit/xNome'), bold: true, size: 8 },
    { kind: 'text', text: `CNPJ/CPF: ${documentOf(at(inf, 'emit'))}  IE: ${get('emit/IE')}  UF: ${get('emit/enderEmit/UF')}` },
    rule,
    { kind: 'text', text: `${kind}  Nº ${numero(get('ide/nNF'))}  SÉRIE ${serie(get('ide/serie'))}`, bold: true },
    { kind: 'text', text: `EMISSÃO ${dateTime(note.dhEmi)}` },
    rule,
    { kind: 'text', text: 'DESTINATÁRIO', bold: true, size: 6.5 },
    { kind: 'text', text: get('dest/xNome'), bold: true, size: 8 },
    { kind: 'text', text: `CNPJ/CPF: ${documentOf(at(inf, 'dest'))}${ie === '' ? '' : `  IE: ${ie}`}  UF: ${get('dest/enderDest/UF')}` },
    ...(label ? [] : itemEntries(note)),
    rule,
    { kind: 'pair', left: 'VALOR TOTAL DA NOTA R$', right: decimal(get('total/ICMSTot/vNF')), bold: true, size: 9 },
    ...situationTexts(note).map((text): Entry => ({ kind: 'text', text, size: 6.5 })),
  ];
}

function protocolEntries(note: Note): Entry[] {
  const { prot } = note;
  const epec = epecText(note);
  if (epec !== '') return [centered('PROTOCOLO DE AUTORIZAÇÃO DO EPEC', true, 6.5), centered(epec)];
  return prot === undefined ? [] : [centered('PROTOCOLO DE AUTORIZAÇÃO DE USO', true, 6.5), centered(protocolText(note))];
}
