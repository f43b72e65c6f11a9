import { type AnswerHead, VER_APLIC } from './answers.ts';
import { toMotivo } from './motivos.ts';
import { NFE_NAMESPACE } from './services.ts';
import { escapeXml } from './soap.ts';

/** The range as the request gives it; what is empty is left out. */
export interface RangeText {
  ano: string;
  cnpj: string;
  modelo: string;
  serie: string;
  numeroInicial: string;
  numeroFinal: string;
}

const tag = (name: string, content: string) => (content === '' ? '' : `<${name}>${escapeXml(content)}</${name}>`);

/** retInutNFe; the range for what was read, nProt for what was done. */
export function retInutNFe(head: AnswerHead, range?: RangeText, nProt = ''): string {
  const r = range ?? { ano: '', cnpj: '', modelo: '', serie: '', numeroInicial: '', numeroFinal: '' };
  return (
    `<retInutNFe xmlns="${NFE_NAMESPACE}" versao="4.00"><infInut${nProt === '' ? '' : ` Id="ID${nProt}"`}>${tag('tpAmb', head.tpAmb)}` +
    `${tag('verAplic', VER_APLIC)}${tag('cStat', head.cStat)}${tag('xMotivo', toMotivo(head.xMotivo))}${tag('cUF', head.cUF)}${tag('ano', r.ano)}` +
    `${tag('CNPJ', r.cnpj)}${tag('mod', r.modelo)}${tag('serie', r.serie)}${tag('nNFIni', r.numeroInicial)}${tag('nNFFin', r.numeroFinal)}` +
    `${tag('dhRecbto', head.dhRecbto)}${tag('nProt', nProt)}</infInut></retInutNFe>`
  );
}
