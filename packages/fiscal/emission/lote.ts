import { MODELOS } from '../model/modelo.ts';

/**
 * enviNFe with one note and `indSinc` 1: a lote of one has to be synchronous (NT 2025.001, rejection 452). The bytes of the signed note stay
 * as they are. `idLote`: 1 to 15 digits, only echoed by SEFAZ; throws RangeError on another form.
 */
export function buildLote(signedXml: string, idLote: string): string {
  if (!/^[0-9]{1,15}$/.test(idLote)) throw new RangeError('idLote must have 1 to 15 digits');
  const { namespace, versao } = MODELOS['55'];
  return `<enviNFe xmlns="${namespace}" versao="${versao}"><idLote>${idLote}</idLote><indSinc>1</indSinc>${signedXml}</enviNFe>`;
}
