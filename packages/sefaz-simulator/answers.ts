import { toMotivo } from './motivos.ts';
import { NFE_NAMESPACE } from './services.ts';
import { escapeXml } from './soap.ts';

export const VER_APLIC = 'SIMULADOR-1.0';

/** Fields that every answer begins with; dhRecbto is local time of the state. */
export interface AnswerHead {
  tpAmb: string;
  cStat: string;
  xMotivo: string;
  cUF: string;
  dhRecbto: string;
}

export interface Protocol {
  tpAmb: string;
  chave: string;
  dhRecbto: string;
  cStat: string;
  xMotivo: string;
  nProt?: string | undefined;
  digVal?: string | undefined;
}

const tag = (name: string, content: string) => `<${name}>${escapeXml(content)}</${name}>`;

function headXml(head: AnswerHead): string {
  return (
    tag('tpAmb', head.tpAmb) +
    tag('verAplic', VER_APLIC) +
    tag('cStat', head.cStat) +
    tag('xMotivo', toMotivo(head.xMotivo)) +
    tag('cUF', head.cUF) +
    tag('dhRecbto', head.dhRecbto)
  );
}

/** protNFe in the namespace of its parent, as SEFAZ writes it. */
function protXml(p: Protocol): string {
  return (
    `<protNFe versao="4.00"><infProt${p.nProt ? ` Id="ID${p.nProt}"` : ''}>${tag('tpAmb', p.tpAmb)}${tag('verAplic', VER_APLIC)}` +
    `${tag('chNFe', p.chave)}${tag('dhRecbto', p.dhRecbto)}${p.nProt ? tag('nProt', p.nProt) : ''}${p.digVal ? tag('digVal', p.digVal) : ''}` +
    `${tag('cStat', p.cStat)}${tag('xMotivo', toMotivo(p.xMotivo))}</infProt></protNFe>`
  );
}

const root = (name: string, content: string) => `<${name} xmlns="${NFE_NAMESPACE}" versao="4.00">${content}</${name}>`;

/** retEnviNFe of a synchronous lot; the protocol only when the lot was processed. */
export function retEnviNFe(head: AnswerHead, protocol?: Protocol): string {
  return root('retEnviNFe', headXml(head) + (protocol ? protXml(protocol) : ''));
}

/** retConsSitNFe; `chave` must have the form of TChNFe, `events` are whole procEventoNFe. */
export function retConsSitNFe(head: AnswerHead, chave: string, protocol?: Protocol, events: readonly string[] = []): string {
  return root('retConsSitNFe', headXml(head) + tag('chNFe', chave) + (protocol ? protXml(protocol) : '') + events.join(''));
}

/** retConsStatServ; tMed is the mean answer time in seconds. */
export function retConsStatServ(head: AnswerHead, tMed?: number): string {
  return root('retConsStatServ', headXml(head) + (tMed === undefined ? '' : tag('tMed', String(tMed))));
}
