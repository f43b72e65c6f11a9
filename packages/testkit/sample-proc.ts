import { sampleChave } from './sample-chave.ts';
import { sampleNfce } from './sample-nfce.ts';
import { type SampleNfeOptions, sampleNfe } from './sample-nfe.ts';

export interface SampleProcOptions extends Partial<SampleNfeOptions> {
  /** Protocol; `null` leaves it out. */
  cStat?: string | null;
  /** Pieces of XML put right before the named tags of the unsigned note: `['<transp>', '<x/>']`. */
  before?: [tag: string, xml: string][];
  /** Texts or patterns replaced in the unsigned note. */
  replace?: [from: string | RegExp, to: string | ((match: string) => string)][];
  /** Put into every det right after its prod group. */
  infAdProd?: string;
  dhRecbto?: string;
}

export interface SampleProc {
  xml: string;
  chave: string;
  qrCode?: string;
}

/** Of nothing: 20 bytes. */
const DIGEST = 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=';

export const SAMPLE_CNPJ = '11222333000181';

/**
 * An nfeProc as it is printed: Id, cDV, infNFeSupl of an NFC-e and a protocol; the signature is left out, the paper does not show it. Valid
 * against the XSD once its NFe is signed.
 */
export function sampleProc(options: SampleProcOptions = {}): SampleProc {
  const { cStat = '100', before = [], replace = [], infAdProd, dhRecbto = '2026-11-21T10:00:05-03:00', ...sample } = options;
  const full: SampleNfeOptions = {
    cnpj: SAMPLE_CNPJ,
    numero: 4711,
    dhEmi: '2026-11-21T10:00:00-03:00',
    tpAmb: '1',
    tpEmis: '1',
    cNF: '12873465',
    ...sample,
  };
  let nfe = sample.nfce ? sampleNfce(full) : sampleNfe(full);
  for (const [tag, xml] of before) nfe = nfe.replace(tag, () => xml + tag);
  for (const [from, to] of replace) nfe = nfe.replace(from, typeof to === 'string' ? () => to : to);
  if (infAdProd !== undefined) nfe = nfe.replaceAll('</det>', `<infAdProd>${infAdProd}</infAdProd></det>`);
  const get = (tag: string) => new RegExp(`<${tag}>([^<]*)<`).exec(nfe)?.[1] ?? '';
  const chave = sampleChave({
    cUF: get('cUF'),
    aamm: get('dhEmi').slice(2, 7).replace('-', ''),
    documento: full.cnpj ?? full.cpf ?? '',
    modelo: get('mod'),
    serie: get('serie'),
    numero: get('nNF'),
    tpEmis: get('tpEmis'),
    cNF: get('cNF'),
  });
  const counter = full.nfce || full.tpImp === '6';
  // Off-line: day, value, kind and number of the recipient (none here), and a signature, here of zeros (manual v6.0).
  const offline = full.tpEmis === '9' ? `|${get('dhEmi').slice(8, 10)}|${get('vNF')}|||${Buffer.alloc(256).toString('base64')}` : '';
  const qrCode = counter ? `https://www.nfce.fazenda.sp.gov.br/qrcode?p=${chave}|3|${get('tpAmb')}${offline}` : undefined;
  const supl =
    qrCode === undefined
      ? ''
      : `<infNFeSupl><qrCode><![CDATA[${qrCode}]]></qrCode><urlChave>https://www.nfce.fazenda.sp.gov.br/consulta</urlChave></infNFeSupl>`;
  nfe = nfe.replace('<tpAmb>', `<cDV>${chave.slice(43)}</cDV><tpAmb>`);
  nfe = nfe.replace('<infNFe versao="4.00">', `<infNFe versao="4.00" Id="NFe${chave}">`).replace('</infNFe>', `</infNFe>${supl}`);
  const prot =
    cStat === null
      ? ''
      : `<protNFe versao="4.00"><infProt><tpAmb>${get('tpAmb')}</tpAmb><verAplic>SP_NFE_1</verAplic><chNFe>${chave}</chNFe><dhRecbto>${dhRecbto}</dhRecbto>` +
        `<nProt>135260000012345</nProt><digVal>${DIGEST}</digVal><cStat>${cStat}</cStat><xMotivo>Autorizado o uso da NF-e</xMotivo></infProt></protNFe>`;
  const xml = `<?xml version="1.0" encoding="UTF-8"?><nfeProc xmlns="http://www.portalfiscal.inf.br/nfe" versao="4.00">${nfe}${prot}</nfeProc>`;
  return { xml, chave, qrCode };
}
