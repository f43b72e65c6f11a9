import { type SampleNfeOptions, sampleNfe } from './sample-nfe.ts';

export type SampleNfceOptions = Omit<SampleNfeOptions, 'nfce'>;

/**
 * An unsigned NFC-e 65 (4.00) as a point of sale sends it: over the counter, paid, to nobody in particular or to the CPF of `dest`. Without
 * Id, cNF, cDV, tpEmis, infNFeSupl and Signature; with those and `versao` added it is valid against leiauteNFe_v4.00.xsd.
 */
export function sampleNfce({ dest = null, ...options }: SampleNfceOptions): string {
  const xml = sampleNfe({ ...options, nfce: true, dest });
  // A consumer at the counter gives a CPF and nothing else.
  return xml.replace(/(<dest><CPF>\d{11}<\/CPF>).*?(<indIEDest>9<\/indIEDest>).*?(<\/dest>)/s, '$1$2$3');
}
