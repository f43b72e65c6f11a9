import { X509Certificate } from 'node:crypto';
import { emissionFault } from '@malote/fiscal/emission/fault-codes';
import { type DocumentIdentity, locateDocument } from '@malote/fiscal/emission/identity';
import { prepare } from '@malote/fiscal/emission/prepare';
import { carriesQrCode } from '@malote/fiscal/emission/qr-code';
import { type CertificateFacts, checkRules } from '@malote/fiscal/emission/rules';
import { unsign } from '@malote/fiscal/emission/unsign';
import type { Fault } from '@malote/fiscal/fault';
import { child, parseXml, type XmlDocument } from '@malote/fiscal/xml/parse';
import { verifyXml } from '@malote/fiscal/xml/verify';
import { readDocumento } from '@malote/sefaz/icp-brasil';

/** A note that a till signed itself in contingência, checked: its bytes are transmitted as they came. */
export type Assinado =
  | { ok: true; xml: string; chave: string; versao: string; digest: string; certDer: Uint8Array }
  | { ok: false; faults: Fault[] };

/**
 * Checks a signed body of a tpEmis other than 1: the signature and whose certificate made it, the key in `Id` against the fields, the form SEFAZ
 * takes, and every rule an unsigned one has to keep. Nothing is changed: not a byte that was signed and printed.
 */
export function readAssinado(doc: XmlDocument, identity: DocumentIdentity, now: Date): Assinado {
  const located = locateDocument(doc, 'sefaz');
  if (Array.isArray(located)) return { ok: false, faults: located };
  const { note, info } = located;
  const path = `${note.local}/Signature`;
  // A declaration on the lote is not in the bytes of the note.
  const xml = doc.text.slice(note.start, note.end);
  if (!note.attributes.has('xmlns'))
    return refused('EMI-039', note.local, `Declare xmlns="${info.namespace}" em ${note.local}, não na raiz.`);
  const alone = parseXml(xml);
  const verified = verifyXml(alone, info.signedTag);
  if (!verified.ok) return refused('EMI-038', path, `A assinatura não confere: ${verified.reason} Assine o documento de novo.`);
  const { certDer, digest } = verified;

  const certificado = factsOf(certDer);
  if (!certificado)
    return refused('EMI-038', path, 'O certificado que assinou não é um e-CNPJ nem um e-CPF da ICP-Brasil. Assine com o A1 da empresa.');
  const faults = checkRules({ doc: alone, identity, certificado, now });
  if (carriesQrCode(identity) && !child(note, 'infNFeSupl')) {
    const message = 'Falta infNFeSupl com o QR Code, que não está sob a assinatura mas foi impresso. Envie o XML como ele foi impresso.';
    faults.push(emissionFault('EMI-040', `${note.local}/infNFeSupl`, message));
  }
  if (faults.length > 0) return { ok: false, faults };

  const unsigned = unsign(xml);
  const prepared = prepare({ text: unsigned, layout: 'sefaz', tpEmis: identity.tpEmis, cNF: identity.chaveInformada?.slice(35, 43) ?? '' });
  if (!prepared.ok) return prepared;
  if (prepared.chave !== identity.chaveInformada || prepared.xml !== unsigned) {
    const message =
      'O XML assinado não está na forma que a SEFAZ recebe (Id com a chave, versao, xmlns só na raiz, nenhum prefixo, nada entre as tags): ' +
      'mudá-lo aqui invalidaria a assinatura. Gere e assine o documento nessa forma.';
    return refused('EMI-039', note.local, message);
  }
  return { ok: true, xml, chave: prepared.chave, versao: prepared.versao, digest, certDer };
}

/** `[]` when it may be transmitted. */
export function faultsOf(assinado: Assinado): Fault[] {
  return assinado.ok ? [] : assinado.faults;
}

function factsOf(certDer: Uint8Array): CertificateFacts | undefined {
  const holder = readDocumento(certDer);
  if (!holder) return undefined;
  const { validFromDate: notBefore, validToDate: notAfter } = new X509Certificate(certDer);
  return { documento: holder.documento, notBefore, notAfter };
}

function refused(...[code, path, message]: Parameters<typeof emissionFault>): Assinado {
  return { ok: false, faults: [emissionFault(code, path, message)] };
}
