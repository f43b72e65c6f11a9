import { MODELOS } from '../model/modelo.ts';

const { namespace, versao } = MODELOS['55'];

/** consSitNFe: the consult of one key. Ask the authoriser stored on the document: SEFAZ and SVC are separate databases. */
export function buildConsSit(facts: { chave: string; tpAmb: string }): string {
  const { chave, tpAmb } = facts;
  return `<consSitNFe xmlns="${namespace}" versao="${versao}"><tpAmb>${tpAmb}</tpAmb><xServ>CONSULTAR</xServ><chNFe>${chave}</chNFe></consSitNFe>`;
}

/** consStatServ: the state of the service for a UF (`cUF` is its IBGE code). At most one call each 3 minutes per authoriser (MOC 7.0). */
export function buildConsStat(facts: { tpAmb: string; cUF: string }): string {
  const { tpAmb, cUF } = facts;
  return `<consStatServ xmlns="${namespace}" versao="${versao}"><tpAmb>${tpAmb}</tpAmb><cUF>${cUF}</cUF><xServ>STATUS</xServ></consStatServ>`;
}
