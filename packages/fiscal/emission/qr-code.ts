import { createHash, type KeyObject, sign } from 'node:crypto';
import type { NfceUrls } from '../model/nfce-urls.ts';
import type { Uf } from '../model/uf.ts';
import { child, parseXml, textAt, type XmlElement } from '../xml/parse.ts';
import { escapeText, splice } from '../xml/splice.ts';

/** Version 2 proves itself by the company's CSC, version 3 by the company's certificate (NT 2025.001); no end of 2 is announced. */
export type QrVersion = '2' | '3';

/** Código de Segurança do Contribuinte: a secret that SEFAZ gives to a company for a UF, and its number there without leading zeros. */
export interface Csc {
  id: string;
  codigo: string;
}

export interface QrCodeRequest {
  version: QrVersion;
  urls: NfceUrls;
  /** for version 2 */
  csc?: Csc | undefined;
  /** of the certificate that signed the note, for version 3 offline */
  key: KeyObject;
}

/** True for the documents that carry infNFeSupl: the NFC-e, and the NF-e with DANFE Simplificado Tipo 2 (NT 2026.002, rejection 394). */
export function carriesQrCode({ modelo, tpImp }: { modelo: string; tpImp?: string | undefined }): boolean {
  return modelo === '65' || (modelo === '55' && tpImp === '6');
}

/**
 * Which version a document gets. NF-e: 3 only (rejection 672). Emitter with a CPF: 3 (rejection 444), but in PR. Otherwise what the company
 * chose, and when it chose nothing 2 if it has a CSC for the ambiente (every UF takes it), else 3 (a UF may still refuse it: 407).
 */
export function qrVersionOf(
  identity: { modelo: string; tipoEmitente: 'CNPJ' | 'CPF'; uf: Uf },
  company: { chosen?: QrVersion | undefined; hasCsc: boolean },
): QrVersion {
  if (identity.modelo === '55') return '3';
  if (identity.tipoEmitente === 'CPF' && identity.uf !== 'PR') return '3';
  return company.chosen ?? (company.hasCsc ? '2' : '3');
}

/**
 * Puts infNFeSupl between infNFe and Signature of a signed note; every other byte stays, and the signature does not cover it. Its texts
 * are those of the "Manual de Padrões Técnicos do DANFE NFC-e e QR Code" 6.0 (versions 2.00 and 3.00; offline means tpEmis 9).
 * Throws when the note is not signed, and when version 2 is asked without a CSC: the caller has decided both before.
 */
export function withQrCode(signedXml: string, request: QrCodeRequest): string {
  const { root } = parseXml(signedXml);
  const inf = child(root, 'infNFe');
  const digest = textAt(root, 'Signature/SignedInfo/Reference/DigestValue');
  if (!inf || !digest) throw new Error('the QR code needs a signed NFe');
  const text = `${request.urls.qrCode}?p=${parameters(inf, digest, request)}`;
  // CDATA: a base with an e-comercial would be refused when it is written as an entity (rejection 813).
  const insert = `<infNFeSupl><qrCode><![CDATA[${text}]]></qrCode><urlChave>${escapeText(request.urls.urlChave)}</urlChave></infNFeSupl>`;
  return splice(signedXml, [{ at: inf.end, insert }]);
}

function parameters(inf: XmlElement, digest: string, { version, csc, key }: QrCodeRequest): string {
  const field = (path: string) => textAt(inf, path)?.trim() ?? '';
  const chave = inf.attributes.get('Id')?.slice('NFe'.length) ?? '';
  const offline = field('ide/tpEmis') === '9';
  const start = [chave, version, field('ide/tpAmb')];
  const dia = field('ide/dhEmi').slice(8, 10);
  const vNF = field('total/ICMSTot/vNF');
  if (version === '2') {
    if (!csc) throw new Error('a QR code of version 2 needs a CSC');
    // The hexadecimal is that of the base64 text, not of the 20 bytes it stands for (56 characters).
    const parts = [...start, ...(offline ? [dia, vNF, Buffer.from(digest).toString('hex')] : []), csc.id].join('|');
    const hash = createHash('sha1')
      .update(parts + csc.codigo)
      .digest('hex');
    return `${parts}|${hash.toUpperCase()}`;
  }
  if (!offline) return start.join('|');
  const parts = [...start, dia, vNF, ...recipient(inf)].join('|');
  return `${parts}|${sign('sha1', Buffer.from(parts), key).toString('base64')}`;
}

/** Type and number of the recipient: a foreigner's number is left out, and without a recipient so is the type; the separators stay. */
function recipient(inf: XmlElement): [string, string] {
  const cnpj = textAt(inf, 'dest/CNPJ')?.trim();
  if (cnpj) return ['1', cnpj];
  const cpf = textAt(inf, 'dest/CPF')?.trim();
  if (cpf) return ['2', cpf];
  return [textAt(inf, 'dest/idEstrangeiro')?.trim() ? '3' : '', ''];
}
