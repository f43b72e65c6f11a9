import type { KeyObject } from 'node:crypto';
import type { DocumentIdentity } from '@malote/fiscal/emission/identity';
import { type Csc, qrVersionOf, withQrCode } from '@malote/fiscal/emission/qr-code';
import type { Fault } from '@malote/fiscal/fault';
import { nfceUrls } from '@malote/fiscal/model/nfce-urls';
import type { Empresa } from '@malote/store/empresas';

export interface QrCodeDeps {
  store: { csc: { current(owner: { conta: string; empresa: string; tpAmb: '1' | '2' }): Promise<Csc | undefined> } };
}

/**
 * Puts the QR code of the company's version and addresses into a signed note. A fault, not a rejection of SEFAZ, when version 2 is asked
 * and the company has no CSC for the ambiente: the number stays free.
 */
export async function addQrCode(
  signedXml: string,
  { identity, empresa, key }: { identity: DocumentIdentity; empresa: Empresa; key: KeyObject },
  { store }: QrCodeDeps,
): Promise<{ ok: true; xml: string } | { ok: false; fault: Fault }> {
  const { tpAmb, uf, dhEmi, modelo } = identity;
  const { conta, _id, qrVersion: chosen } = empresa;
  const csc = modelo === '65' && chosen !== '3' ? await store.csc.current({ conta, empresa: _id, tpAmb }) : undefined;
  const version = qrVersionOf(identity, { chosen, hasCsc: csc !== undefined });
  if (version === '2' && !csc) return { ok: false, fault: cscAusente(tpAmb) };
  const urls = empresa.nfceUrls?.[tpAmb] ?? nfceUrls(uf, tpAmb, dhEmi.slice(0, 10));
  return { ok: true, xml: withQrCode(signedXml, { version, csc, urls, key }) };
}

function cscAusente(tpAmb: '1' | '2'): Fault {
  const ambiente = tpAmb === '1' ? 'prod' : 'hom';
  return {
    code: 'csc-ausente',
    path: 'NFe/infNFeSupl/qrCode',
    message:
      `A empresa usa o QR Code versão 2 e não tem CSC em ${ambiente}. Nada foi enviado e o número está livre: cadastre o CSC ` +
      `(\`malote csc put --ambiente ${ambiente}\`) ou use a versão 3, que não precisa dele (\`malote company set --qr-version 3\`), e envie de novo.`,
    norm: 'Rejeições 462 e 464',
  };
}
