import { systemClock } from '@malote/runtime/clock';
import { dhEmiText, type SampleNfeOptions, sampleNfe } from '@malote/testkit/sample-nfe';
import { SignedXml } from 'xml-crypto';
import { checkDigit } from '../chave.ts';

const NS = 'http://www.portalfiscal.inf.br/nfe';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const CODES: Record<string, string> = { SP: '35', RS: '43', SC: '42', RN: '24', AC: '12', PE: '26', MA: '21' };

export interface Signer {
  certPem: string;
  keyPem: string;
}

export interface SignedOptions extends Omit<SampleNfeOptions, 'dhEmi'> {
  dhEmi?: Date;
  signer: Signer;
  /** Changes the note before it is signed. */
  edit?: (xml: string) => string;
  /** Changes it after that. */
  tamper?: (xml: string) => string;
  /** For NFC-e: the mod of the key; the fields are the caller's to edit. */
  modelo?: string;
  /** The last digit of the key in place of the right one. */
  cDV?: string;
}

export interface SignedNfe {
  xml: string;
  chave: string;
  digest: string;
}

/** A complete NF-e, signed by xml-crypto. */
export function signedNfe(options: SignedOptions): SignedNfe {
  const { signer, edit = (xml) => xml, tamper = (xml) => xml, dhEmi = systemClock.now(), cDV, modelo = '55', ...sample } = options;
  const uf = sample.uf ?? 'SP';
  const cNF = sample.cNF ?? '48019273';
  const tpEmis = sample.tpEmis ?? '1';
  const local = dhEmiText(dhEmi, uf);
  const documento = (sample.cnpj ?? sample.cpf ?? '').padStart(14, '0');
  const serie = String(sample.serie ?? 1).padStart(3, '0');
  const base = `${CODES[uf]}${local.slice(2, 4)}${local.slice(5, 7)}${documento}${modelo}${serie}${String(sample.numero).padStart(9, '0')}${tpEmis}${cNF}`;
  const chave = base + (cDV ?? checkDigit(base));
  const plain = sampleNfe({ ...sample, cNF, tpEmis, dhEmi: local })
    .replace('<infNFe versao="4.00">', `<infNFe versao="4.00" Id="NFe${chave}">`)
    .replace('<tpAmb>', `<cDV>${chave.at(-1)}</cDV><tpAmb>`);
  const xml = tamper(sign(edit(plain), 'infNFe', `NFe${chave}`, signer));
  return { xml, chave, digest: /<DigestValue>([^<]+)/.exec(xml)?.[1] ?? '' };
}

/** Puts a Signature behind the element of this name. */
export function sign(xml: string, element: string, id: string, { keyPem, certPem }: Signer): string {
  const base64 = certPem.replace(/-----[^-]+-----|\s/g, '');
  const signer = new SignedXml({
    privateKey: keyPem,
    signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    canonicalizationAlgorithm: C14N,
    getKeyInfoContent: () => `<X509Data><X509Certificate>${base64}</X509Certificate></X509Data>`,
  });
  signer.addReference({
    xpath: `//*[local-name()='${element}']`,
    uri: `#${id}`,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', C14N],
    digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
  });
  signer.computeSignature(xml, { location: { reference: `//*[local-name()='${element}']`, action: 'after' } });
  return signer.getSignedXml();
}

export function enviNFe(notes: string | string[], indSinc = '1'): string {
  return `<enviNFe xmlns="${NS}" versao="4.00"><idLote>1</idLote><indSinc>${indSinc}</indSinc>${[notes].flat().join('')}</enviNFe>`;
}

export function consSitNFe(chave: string, tpAmb = '2'): string {
  return `<consSitNFe xmlns="${NS}" versao="4.00"><tpAmb>${tpAmb}</tpAmb><xServ>CONSULTAR</xServ><chNFe>${chave}</chNFe></consSitNFe>`;
}

export function consStatServ(cUF: string, tpAmb = '2'): string {
  return `<consStatServ xmlns="${NS}" versao="4.00"><tpAmb>${tpAmb}</tpAmb><cUF>${cUF}</cUF><xServ>STATUS</xServ></consStatServ>`;
}
