import { createHash, createSign } from 'node:crypto';
import { type SignedNfe, type SignedOptions, signedNfe } from './signed-nfe.ts';

const SENTENCE = 'NOTA FISCAL EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL';
export const BASE_SP = 'https://www.homologacao.nfce.fazenda.sp.gov.br/NFCeConsultaPublica/Paginas/ConsultaQRCode.aspx';
const URL_CHAVE = 'https://www.homologacao.nfce.fazenda.sp.gov.br/consulta';

/** What a QR code is made of. */
export interface QrFacts {
  chave: string;
  tpAmb: string;
  /** Two digits. */
  dia: string;
  vNF: string;
  /** Base64. */
  digest: string;
  keyPem: string;
}

export interface NfceOptions extends Partial<SignedOptions> {
  numero: number;
  signer: SignedOptions['signer'];
  /** The whole text of qrCode; `null` leaves infNFeSupl out. Default: version 3, online or (tpEmis 9) offline. */
  qr?: ((facts: QrFacts) => string) | null;
  /** Keeps the recipient. */
  identified?: boolean;
}

const contingencia = { dhCont: '2026-01-01T10:00:00-03:00', xJust: 'Falha na conexao com a SEFAZ' };

/** A complete NFC-e of SP, signed by xml-crypto, with its infNFeSupl. */
export function signedNfce(options: NfceOptions): SignedNfe {
  const { qr, identified = false, modelo = '65', tpEmis = '1', edit = (xml) => xml, ...rest } = options;
  const write = qr === undefined ? (tpEmis === '9' ? v3Offline : v3) : qr;
  const note = signedNfe({
    tpImp: '4',
    ...rest,
    tpEmis,
    modelo,
    ...(tpEmis === '9' ? { contingencia } : {}),
    edit: (xml) => edit(modelo === '65' ? asNfce(xml, identified) : xml),
  });
  if (write === null) return note;
  const field = (name: string) => new RegExp(`<${name}>([^<]*)`).exec(note.xml)?.[1] ?? '';
  const { chave, digest } = note;
  const facts = {
    chave,
    tpAmb: field('tpAmb'),
    dia: field('dhEmi').slice(8, 10),
    vNF: field('vNF'),
    digest,
    keyPem: options.signer.keyPem,
  };
  const supl = `<infNFeSupl><qrCode><![CDATA[${write(facts)}]]></qrCode><urlChave>${URL_CHAVE}</urlChave></infNFeSupl>`;
  return { ...note, xml: note.xml.replace('</infNFe>', `</infNFe>${supl}`) };
}

function asNfce(xml: string, identified: boolean): string {
  return xml
    .replace('<mod>55', '<mod>65')
    .replace('<indFinal>0</indFinal><indPres>9</indPres><indIntermed>0</indIntermed>', '<indFinal>1</indFinal><indPres>1</indPres>')
    .replace(
      /<dest>.*<\/dest>/,
      identified
        ? `<dest><CPF>10000000108</CPF><xNome>NF-E EMITIDA EM AMBIENTE DE HOMOLOGACAO - SEM VALOR FISCAL</xNome><indIEDest>9</indIEDest></dest>`
        : '',
    )
    .replace(/<xProd>[^<]*/, `<xProd>${SENTENCE}`);
}

export const v3 = ({ chave, tpAmb }: QrFacts): string => `${BASE_SP}?p=${chave}|3|${tpAmb}`;

export const v3OfflineTo =
  (dest: string) =>
  ({ chave, tpAmb, dia, vNF, keyPem }: QrFacts): string => {
    const params = `${chave}|3|${tpAmb}|${dia}|${vNF}|${dest}`;
    return `${BASE_SP}?p=${params}|${createSign('RSA-SHA1').update(params).sign(keyPem, 'base64')}`;
  };

export const v3Offline = v3OfflineTo('|');

/** Hash in upper case, as most emitters write it. */
export const v2 =
  (id: string, csc: string) =>
  ({ chave, tpAmb }: QrFacts): string =>
    hashed(`${chave}|2|${tpAmb}|${id}`, csc);

export const v2Offline =
  (id: string, csc: string) =>
  ({ chave, tpAmb, dia, vNF, digest }: QrFacts): string =>
    hashed(`${chave}|2|${tpAmb}|${dia}|${vNF}|${Buffer.from(digest).toString('hex')}|${id}`, csc);

function hashed(params: string, csc: string): string {
  return `${BASE_SP}?p=${params}|${createHash('sha1')
    .update(params + csc)
    .digest('hex')
    .toUpperCase()}`;
}
