import { createHash, createVerify, type X509Certificate } from 'node:crypto';
import { localTime, ufOf } from './autorizadores.ts';
import type { Csc, CscRegistry } from './csc.ts';
import type { NotaFacts } from './document.ts';
import { readTable } from './tables.ts';

export interface QrContext {
  ambiente: string;
  now: Date;
  csc: CscRegistry;
  /** DigestValue of the note, base64. */
  digest: string;
  /** The certificate that signed the note; without it (fast mode) the signature of version 3 is not checked. */
  certificate: X509Certificate | undefined;
}

export interface QrFault {
  cStat: string;
  detail?: string;
}

type Address = { uf: string; ambiente: string; desde: string; url: string };

const ADDRESSES: readonly Address[] = readTable('nfce-urls').map(({ uf = '', ambiente = '', desde = '', qrcode_url: url = '' }) => ({
  uf,
  ambiente,
  desde: desde === '-' ? '' : desde,
  url,
}));

/**
 * The rules of group ZX (NT 2026.002, NT 2025.001) in their order: infNFeSupl of an NFC-e, and of an NF-e with tpImp 6.
 * QR code of version 2 (hash with the CSC) and, offline, of version 3 (signature of the emitter).
 * @returns the first fault
 */
export function checkQrCode(nota: NotaFacts, context: QrContext): QrFault | undefined {
  // NFF (tpEmis 3) goes without: exception 2 of ZX02-10.
  if (nota.qrCode === undefined) return (nota.modelo === '65' || nota.tpImp === '6') && nota.tpEmis !== '3' ? { cStat: '394' } : undefined;
  const cut = nota.qrCode.indexOf('?p=');
  const base = cut < 0 ? nota.qrCode : nota.qrCode.slice(0, cut);
  if (!addressesOf(nota, context).some((url) => url.toLowerCase() === base.toLowerCase())) return { cStat: '395' };
  const params = cut < 0 ? [] : nota.qrCode.slice(cut + 3).split('|');
  const [chave, versao, tpAmb] = params;
  if (nota.modelo === '55' && versao !== '3') return { cStat: '672' };
  if (!chave) return missing('chNFe');
  if (chave !== nota.chave?.text) return differs('chNFe');
  if (!versao) return missing('nVersao');
  if (versao !== '2' && versao !== '3') return { cStat: '398', detail: '[Param: nVersao]' };
  if (!tpAmb) return missing('tpAmb');
  if (tpAmb !== nota.tpAmb) return differs('tpAmb');
  const offline = nota.tpEmis === '9';
  return (offline ? ofOffline(params, nota) : undefined) ?? (versao === '2' ? ofVersion2 : ofVersion3)(params, nota, context, offline);
}

/** Addresses in force for the state on this day: those with the latest `desde`. Upper and lower case do not count, the scheme does. */
function addressesOf({ cUF }: NotaFacts, { ambiente, now }: QrContext): string[] {
  const today = localTime(now, cUF).slice(0, 10);
  const begun = ADDRESSES.filter((a) => a.uf === ufOf(cUF) && a.ambiente === ambiente && a.desde <= today);
  const latest = begun
    .map(({ desde }) => desde)
    .sort()
    .at(-1);
  return begun.filter(({ desde }) => desde === latest).map(({ url }) => url);
}

/** Parameters 4 and 5: the day of dhEmi as it is written, and vNF. */
function ofOffline([, , , dia, vNF]: readonly string[], nota: NotaFacts): QrFault | undefined {
  if (!dia) return missing('dhEmi');
  if (dia !== nota.dhEmi.slice(8, 10)) return differs('dhEmi');
  if (!vNF) return missing('vNF');
  return vNF === nota.vNF ? undefined : differs('vNF');
}

function ofVersion2(params: readonly string[], nota: NotaFacts, context: QrContext, offline: boolean): QrFault | undefined {
  if (nota.emitente.length === 11 && nota.cUF !== PARANA) return { cStat: '444' };
  const [digVal, id, hash] = offline ? params.slice(5) : [undefined, ...params.slice(3)];
  if (offline) {
    if (!digVal) return missing('digVal');
    if (!/^[0-9a-f]+$/i.test(digVal)) return notHex('digVal');
    if (digVal.toLowerCase() !== Buffer.from(context.digest).toString('hex')) return differs('digVal');
  }
  if (!id) return missing('cIdToken');
  if (!hash) return missing('cHashQRCode');
  const known = context.csc.of({ emitente: nota.emitente, cUF: nota.cUF, ambiente: context.ambiente });
  if (known.length === 0) return { cStat: '796' };
  const csc = known.find((entry) => entry.id === id);
  if (!csc) return { cStat: '462' };
  if (csc.revoked) return { cStat: '463' };
  if (!/^[0-9a-f]+$/i.test(hash)) return notHex('cHashQRCode');
  return hash.toLowerCase() === hashOf(params.slice(0, -1), csc) ? undefined : { cStat: '464' };
}

/** SHA-1 of the parameters before it with the CSC behind them (Manual do QR Code da NFC-e). */
function hashOf(params: readonly string[], { csc }: Csc): string {
  return createHash('sha1')
    .update(params.join('|') + csc)
    .digest('hex');
}

function ofVersion3(params: readonly string[], nota: NotaFacts, context: QrContext, offline: boolean): QrFault | undefined {
  if (!offline) return params.length > 3 ? { cStat: '445' } : undefined;
  const [tpDest, cDest, signature] = params.slice(5);
  if (tpDest === undefined) return missing('tpDest');
  if (cDest === undefined) return missing('cDest');
  if (tpDest !== nota.destTipo || (cDest !== nota.destDocumento && tpDest !== '3')) return { cStat: '397', detail: '(idDest)' };
  if (!signature) return { cStat: '474' };
  if (!context.certificate) return undefined;
  const signed = createVerify('RSA-SHA1').update(params.slice(0, 7).join('|')).verify(context.certificate.publicKey, signature, 'base64');
  return signed ? undefined : { cStat: '583' };
}

const PARANA = '41';
const missing = (name: string): QrFault => ({ cStat: '396', detail: `[Param: ${name}]` });
const differs = (name: string): QrFault => ({ cStat: '397', detail: `[Param: ${name}]` });
const notHex = (name: string): QrFault => ({ cStat: '400', detail: `[Nome do parâmetro do QR Code: ${name}]` });
