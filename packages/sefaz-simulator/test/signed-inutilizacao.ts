import { systemClock } from '@malote/runtime/clock';
import { dhEmiText } from '@malote/testkit/sample-nfe';
import { type Signer, sign } from './signed-nfe.ts';
import { CNPJ } from './stage.ts';

/** Two digits, in São Paulo. */
export const thisYear = dhEmiText(systemClock.now(), 'SP').slice(2, 4);

export interface RangeOptions {
  signer?: Signer;
  cnpj?: string;
  serie?: number;
  ano?: string;
  modelo?: string;
  cUF?: string;
  tpAmb?: string;
  xJust?: string;
  id?: string;
  tamper?: (xml: string) => string;
}

/** A signed inutNFe, by xml-crypto. */
export function signedInutNFe(from: number, to: number, o: RangeOptions & { signer: Signer }): string {
  const { signer, cnpj = CNPJ, serie = 1, ano = thisYear, modelo = '55', cUF = '35', tpAmb = '2', tamper = (xml) => xml } = o;
  const nine = (number: number) => String(number).padStart(9, '0');
  const id = o.id ?? `ID${cUF}${ano}${cnpj}${modelo}${String(serie).padStart(3, '0')}${nine(from)}${nine(to)}`;
  const plain =
    `<inutNFe xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00"><infInut Id="${id}"><tpAmb>${tpAmb}</tpAmb><xServ>INUTILIZAR</xServ>` +
    `<cUF>${cUF}</cUF><ano>${ano}</ano><CNPJ>${cnpj}</CNPJ><mod>${modelo}</mod><serie>${serie}</serie><nNFIni>${from}</nNFIni>` +
    `<nNFFin>${to}</nNFFin><xJust>${o.xJust ?? 'Falha no sistema emissor'}</xJust></infInut></inutNFe>`;
  return tamper(sign(plain, 'infInut', id, signer));
}
