import { systemClock } from '@malote/runtime/clock';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { EVENT_KINDS } from '../event-kinds.data.ts';
import { type Signer, sign } from './signed-nfe.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
export const JUSTIFICATIVA = 'Erro na digitacao do pedido';

export interface EventOptions {
  signer: Signer;
  chave: string;
  tpEvento: string;
  /** Content of detEvento behind descEvento. */
  det?: string;
  autor: string;
  /** Default: the state of the key. */
  cOrgao?: string;
  tpAmb?: string;
  nSeqEvento?: number;
  dhEvento?: Date;
  descEvento?: string;
  /** In place of the right Id. */
  id?: string;
  /** Changes the evento before, and after it is signed. */
  edit?: (xml: string) => string;
  tamper?: (xml: string) => string;
}

/** A signed evento of the NF-e, by xml-crypto. */
export function signedEvento(o: EventOptions): string {
  const { signer, chave, tpEvento, det = '', autor, tpAmb = '2', nSeqEvento = 1, edit = (xml) => xml, tamper = (xml) => xml } = o;
  const cOrgao = o.cOrgao ?? chave.slice(0, 2);
  const id = o.id ?? `ID${tpEvento}${chave}${String(nSeqEvento).padStart(2, '0')}`;
  const who = autor.length === 14 ? `<CNPJ>${autor}</CNPJ>` : `<CPF>${autor}</CPF>`;
  const descEvento = o.descEvento ?? EVENT_KINDS.get(tpEvento)?.xEvento ?? '';
  const plain =
    `<evento xmlns="${NS}" versao="1.00"><infEvento Id="${id}"><cOrgao>${cOrgao}</cOrgao><tpAmb>${tpAmb}</tpAmb>${who}<chNFe>${chave}</chNFe>` +
    `<dhEvento>${dhEmiText(o.dhEvento ?? systemClock.now(), 'SP')}</dhEvento><tpEvento>${tpEvento}</tpEvento><nSeqEvento>${nSeqEvento}</nSeqEvento>` +
    `<verEvento>1.00</verEvento><detEvento versao="1.00"><descEvento>${descEvento}</descEvento>${det}</detEvento></infEvento></evento>`;
  const edited = edit(plain);
  return tamper(sign(edited, 'infEvento', /Id="([^"]*)"/.exec(edited)?.[1] ?? '', signer));
}

export const cancelamento = (nProt: string, xJust = JUSTIFICATIVA): string => `<nProt>${nProt}</nProt><xJust>${xJust}</xJust>`;

export function envEvento(...eventos: string[]): string {
  return `<envEvento xmlns="${NS}" versao="1.00"><idLote>1</idLote>${eventos.join('')}</envEvento>`;
}
