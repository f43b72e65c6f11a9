import { createHash } from 'node:crypto';
import type { Chave } from './chave.ts';
import { isCnpj, isCpf, readChave } from './chave.ts';
import { at, type Element, elements, textAt } from './dom.ts';

/** What the checks need of one NF-e or NFC-e, text as it stands in the XML (only the whole numbers are read). */
export interface NotaFacts {
  inf: Element;
  id: string;
  /** Undefined when Id has not the form of a key. */
  chave: Chave | undefined;
  cUF: string;
  cNF: string;
  modelo: string;
  serie: number;
  numero: number;
  dhEmi: string;
  tpEmis: string;
  tpImp: string;
  tpAmb: string;
  cDV: string;
  temJustificativa: boolean;
  /** Empty in normal emission. */
  dhCont: string;
  /** CNPJ (14) or CPF (11) of the emitter. */
  emitente: string;
  temIe: boolean;
  destNome: string | undefined;
  primeiroItem: string;
  vNF: string;
  /** As the QR code of version 3 tells the recipient: 1 CNPJ, 2 CPF, 3 foreigner, empty when there is none. */
  destTipo: string;
  destDocumento: string;
  /** infNFeSupl/qrCode. */
  qrCode: string | undefined;
}

export function readNota(nfe: Element): NotaFacts | undefined {
  const inf = at(nfe, 'infNFe');
  if (!inf) return undefined;
  const id = inf.getAttribute('Id') ?? '';
  const recipient = (['CNPJ', 'CPF', 'idEstrangeiro'] as const).map((field) => textAt(inf, `dest/${field}`));
  const destTipo = recipient.findIndex((documento) => documento !== '') + 1;
  const ide = (field: string) => textAt(inf, `ide/${field}`);
  return {
    inf,
    id,
    chave: id.startsWith('NFe') ? readChave(id.slice(3)) : undefined,
    cUF: ide('cUF'),
    cNF: ide('cNF'),
    modelo: ide('mod'),
    serie: Number(ide('serie')),
    numero: Number(ide('nNF')),
    dhEmi: ide('dhEmi'),
    tpEmis: ide('tpEmis'),
    tpImp: ide('tpImp'),
    tpAmb: ide('tpAmb'),
    cDV: ide('cDV'),
    temJustificativa: at(inf, 'ide/xJust') !== undefined || at(inf, 'ide/dhCont') !== undefined,
    dhCont: ide('dhCont'),
    emitente: textAt(inf, 'emit/CNPJ') || textAt(inf, 'emit/CPF'),
    temIe: textAt(inf, 'emit/IE') !== '',
    destNome: at(inf, 'dest') ? textAt(inf, 'dest/xNome') : undefined,
    primeiroItem: textAt(inf, 'det/prod/xProd'),
    vNF: textAt(inf, 'total/ICMSTot/vNF'),
    destTipo: destTipo === 0 ? '' : String(destTipo),
    destDocumento: recipient[destTipo - 1] ?? '',
    qrCode: at(nfe, 'infNFeSupl/qrCode')?.textContent ?? undefined,
  };
}

/** What events check of the note that they speak of. */
export interface NotaSummary {
  dhEmi: string;
  semIe: boolean;
  /** CNPJ, CPF or foreign id; empty when there is none. */
  dest: string;
  vNF: string;
  vICMS: string;
  itens: number;
  /** Over what each item sells; kept for NFC-e only. */
  digestItens?: string;
}

export function summaryOf(nota: NotaFacts): NotaSummary {
  const { inf, dhEmi, temIe, destDocumento, vNF } = nota;
  const dets = elements(inf, 'det');
  const summary = { dhEmi, semIe: !temIe, dest: destDocumento, vNF, vICMS: textAt(inf, 'total/ICMSTot/vICMS'), itens: dets.length };
  if (nota.modelo !== '65') return summary;
  const sold = dets.map((det) => ['cProd', 'NCM', 'CFOP', 'uCom', 'qCom', 'vUnCom', 'vProd'].map((field) => textAt(det, `prod/${field}`)));
  return { ...summary, digestItens: createHash('sha1').update(JSON.stringify(sold)).digest('base64') };
}

/** The notes of a lot. */
export function notasOf(enviNFe: Element): Element[] {
  return elements(enviNFe, 'NFe');
}

/** Number of a note inside one authoriser's database: what a second authorisation would double. */
export interface NumberOf {
  ambiente: string;
  cUF: string;
  /** CNPJ (14) or CPF (11). */
  emitente: string;
  modelo: string;
  serie: number;
  numero: number;
  tpEmis: string;
}

/** The number that a key speaks of. Fourteen characters that are a CPF behind three zeros, and no CNPJ, are taken as the CPF. */
export function numberOfChave(chave: Chave, ambiente: string): NumberOf {
  const { documento, cUF, modelo, serie, numero, tpEmis } = chave;
  const cpf = documento.startsWith('000') && !isCnpj(documento) && isCpf(documento.slice(3));
  return { ambiente, cUF, emitente: cpf ? documento.slice(3) : documento, modelo, serie, numero, tpEmis };
}

/** Identity over all authorisers (a CPF as keys write it), for counting double authorisations. */
export function numberId(n: NumberOf): string {
  return [n.ambiente, n.cUF, n.emitente.padStart(14, '0'), n.modelo, n.serie, n.numero].join('.');
}
