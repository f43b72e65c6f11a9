import { VER_APLIC } from './answers.ts';
import { localTime } from './autorizadores.ts';
import type { Evento } from './event-store.ts';
import { toMotivo } from './motivos.ts';
import { NFE_NAMESPACE } from './services.ts';
import { escapeXml } from './soap.ts';

export interface EventHead {
  idLote: string;
  tpAmb: string;
  cOrgao: string;
  cStat: string;
  xMotivo: string;
}

/** infEvento of an answer; a refused event has no nProt. */
export interface EventResult {
  tpAmb: string;
  cOrgao: string;
  cStat: string;
  xMotivo: string;
  chave?: string | undefined;
  tpEvento?: string | undefined;
  xEvento?: string | undefined;
  nSeqEvento?: number | undefined;
  dest?: string | undefined;
  dhRegEvento: string;
  nProt?: string | undefined;
}

const tag = (name: string, content: string | number | undefined) =>
  content === undefined || content === '' ? '' : `<${name}>${escapeXml(String(content))}</${name}>`;

const SAO_PAULO = '35';

/** Local time of the state; the cancellation's schema takes -01:00 to -04:00 only, so Acre's is written as Brasília's. */
export function registrationTime(now: Date, cUF: string): string {
  const local = localTime(now, cUF);
  return /-0[1-4]:00$/.test(local) ? local : localTime(now, SAO_PAULO);
}

/** retEnvEvento; the results only when the lot was processed (128). */
export function retEnvEvento(head: EventHead, results: readonly EventResult[] = []): string {
  return (
    `<retEnvEvento xmlns="${NFE_NAMESPACE}" versao="1.00">${tag('idLote', head.idLote)}${tag('tpAmb', head.tpAmb)}` +
    `${tag('verAplic', VER_APLIC)}${tag('cOrgao', head.cOrgao)}${tag('cStat', head.cStat)}${tag('xMotivo', toMotivo(head.xMotivo))}` +
    `${results.map((result) => retEvento(result)).join('')}</retEnvEvento>`
  );
}

/** Kinds whose own answer schema demands cOrgaoAutor, which the consult's does not know. */
const WITH_AUTHOR = new Set(['110140', '110193']);
/** Kinds whose answer schema has no recipient. */
const WITHOUT_DEST = new Set(['110131', '110140', '110150', '110192', '110193']);
/** xEvento has five characters at least. */
const LONGER: Record<string, string> = { EPEC: 'EPEC Autorizado' };

function retEvento(r: EventResult, namespace = ''): string {
  const xEvento = r.xEvento && (LONGER[r.xEvento] ?? r.xEvento).slice(0, 60).trimEnd();
  const author = namespace === '' && WITH_AUTHOR.has(r.tpEvento ?? '') ? tag('cOrgaoAutor', r.chave?.slice(0, 2)) : '';
  const dest = WITHOUT_DEST.has(r.tpEvento ?? '') ? '' : destTag(r.dest ?? '');
  return (
    `<retEvento${namespace} versao="1.00"><infEvento${r.nProt ? ` Id="ID${r.nProt}"` : ''}>${tag('tpAmb', r.tpAmb)}${tag('verAplic', VER_APLIC)}` +
    `${tag('cOrgao', r.cOrgao)}${tag('cStat', r.cStat)}${tag('xMotivo', toMotivo(r.xMotivo))}${tag('chNFe', r.chave)}${tag('tpEvento', r.tpEvento)}` +
    `${tag('xEvento', xEvento)}${tag('nSeqEvento', r.nSeqEvento)}${author}${dest}${tag('dhRegEvento', r.dhRegEvento)}` +
    `${tag('nProt', r.nProt)}</infEvento></retEvento>`
  );
}

function destTag(dest: string): string {
  if (/^[0-9A-Z]{12}\d{2}$/.test(dest)) return tag('CNPJDest', dest);
  return /^\d{11}$/.test(dest) ? tag('CPFDest', dest) : '';
}

/** A registered event as its answer told it. */
export function resultOf(evento: Evento): EventResult {
  const { ambiente, cOrgao, cStat, xMotivo, chave, tpEvento, xEvento, nSeqEvento, dest, dhRegEvento, nProt } = evento;
  return { tpAmb: ambiente, cOrgao, cStat, xMotivo, chave, tpEvento, xEvento, nSeqEvento, dest, dhRegEvento, nProt };
}

/** procEventoNFe: the evento with the bytes that were signed, and its retEvento. */
export function procEvento(evento: Evento): string {
  const namespace = ` xmlns="${NFE_NAMESPACE}"`;
  return `<procEventoNFe${namespace} versao="1.00">${evento.xml}${retEvento(resultOf(evento), namespace)}</procEventoNFe>`;
}
