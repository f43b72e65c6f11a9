import { cNfFromRandom } from '../chave/cnf.ts';
import type { Fault } from '../fault.ts';
import { textAt, type XmlDocument, type XmlElement } from '../xml/parse.ts';
import type { DocumentIdentity, Layout } from './identity.ts';
import { prepare } from './prepare.ts';
import { checkRules } from './rules.ts';

export interface PreviewRequest {
  doc: XmlDocument;
  layout: Layout;
  /** Read from `doc` before, with its infNFe. */
  identity: DocumentIdentity;
  inf: XmlElement;
  now: Date;
}

/**
 * An unsigned document as emission would complete it, but for what only emission decides: signature, QR code, and a chave that the document
 * does not bring by Id or cNF. The faults are those for which emission would refuse it, without the company's certificate and the XSD.
 */
export function previewOf({ doc, layout, identity, inf, now }: PreviewRequest): { ok: true; xml: string } | { ok: false; faults: Fault[] } {
  const broken = checkRules({ doc, identity, now });
  if (broken.length > 0) return { ok: false, faults: broken };
  const cNF = cNfFromRandom(new Uint8Array(8), identity.numero);
  const prepared = prepare({ text: doc, layout, tpEmis: identity.tpEmis, cNF });
  if (!prepared.ok) return prepared;
  const keyIsIts = identity.chaveInformada !== undefined || (textAt(inf, 'ide/cNF')?.trim() ?? '') !== '';
  // A key on the paper that the note will never have would be looked up by somebody.
  return { ok: true, xml: keyIsIts ? prepared.xml : prepared.xml.replace(` Id="NFe${prepared.chave}"`, '') };
}
