import { cNfFromRandom } from '@malote/fiscal/chave/cnf';
import { equalRejectionsFault } from '@malote/fiscal/consumo/equal-rejections';
import type { FatosDaNota } from '@malote/fiscal/contingencia/modo-da-nota';
import { prazoTransmissao } from '@malote/fiscal/contingencia/prazo';
import { enviarAteOf } from '@malote/fiscal/emission/deadline';
import { type DocumentIdentity, readIdentity } from '@malote/fiscal/emission/identity';
import type { ContingenciaDoDocumento, Fact, SignedContent } from '@malote/fiscal/emission/lifecycle-state';
import { prepare } from '@malote/fiscal/emission/prepare';
import { carriesQrCode } from '@malote/fiscal/emission/qr-code';
import { checkRules } from '@malote/fiscal/emission/rules';
import { asPosted } from '@malote/fiscal/emission/unsign';
import type { Fault } from '@malote/fiscal/fault';
import { numeroInutilizadoFault } from '@malote/fiscal/inutilizacao/rules';
import { MODELOS } from '@malote/fiscal/model/modelo';
import { decodeXml, parseXml, textAt, type XmlDocument, type XmlElement } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import type { RespTec } from '@malote/runtime/config';
import type { Validator } from '@malote/schemas/validator';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Known } from './call-sefaz.ts';
import type { Credentials, SigningCredential } from './credentials.ts';
import { type Plan, type PlanDeps, planOf } from './plan-document.ts';
import { faultsOf, readAssinado } from './prepare-assinado.ts';
import { addQrCode } from './qr-code.ts';
import { signingCredential } from './signing-credential.ts';
import type { VoidedRanges } from './voided-ranges.ts';

export interface PrepareDeps extends PlanDeps {
  store: Store;
  credentials: Credentials;
  validator: Validator;
  respTec: RespTec | undefined;
  voided: VoidedRanges;
}

/**
 * `signed`: to be transmitted now; `issued`: handed over, transmitted later; `epec`: handed over once its EPEC is registered; `corrected`: handed
 * over before, with other bytes now.
 */
export type Prepared =
  | ({ ok: true; as: 'signed' | 'issued' | 'epec' | 'corrected'; content: SignedContent } & Known)
  | { ok: false; fact: Extract<Fact, { kind: 'refused' | 'held' | 'resting' }> };

const CNF_RANDOM_BYTES = 16;
const NUMERO_PATH = 'infNFe/ide/nNF';

/**
 * Completes, signs and validates a received document, and stores the signed bytes. Everything that decides the key (cNF, tpEmis) is fixed
 * here, once; a refusal leaves the number free. Throws only when a server does not answer.
 */
export async function prepareDocument(documento: Documento, deps: PrepareDeps): Promise<Prepared> {
  const looping = equalRejectionsFault(documento.rodadas, deps.clock.now());
  if (looping) return refused('rejected', looping);
  const entrada = await deps.store.documentos.entradaOf(documento);
  if (!entrada) throw new Error(`documento ${documento._id} is ${documento.state} without its body`);
  const voided = await deps.voided.covering(documento);
  if (voided) return refused('rejected', numeroInutilizadoFault(documento.numero, voided, NUMERO_PATH));
  return complete(documento, { doc: parseXml(decodeXml(entrada)), plan: planOf }, deps);
}

/**
 * Signs a note again that was signed and never transmitted, for the form of emission that `plan` says: same number, same cNF, another key.
 * Undefined when the plan leaves it as it is, and for a form that its ERP has chosen. MOC 7.0 Anexo IV.
 */
export async function signAgain(
  documento: Documento,
  signedXml: string,
  plan: (documento: Documento, nota: FatosDaNota, deps: PlanDeps) => Promise<Plan | undefined>,
  deps: PrepareDeps,
): Promise<Prepared | undefined> {
  const posted = readPosted(documento, signedXml, deps);
  const chosen = posted && (await plan(documento, posted.nota, deps));
  return chosen && complete(documento, { doc: posted.doc, plan: async () => chosen }, deps);
}

/** A signed note as its ERP posted it, whatever it was signed for since; undefined of a form of emission that the ERP has chosen. */
export function readPosted(
  { _id, tpEmisInformado }: Documento,
  signedXml: string,
  { respTec }: Pick<PrepareDeps, 'respTec'>,
): { doc: XmlDocument; nota: FatosDaNota } | undefined {
  if (tpEmisInformado !== '1') return undefined;
  const doc = parseXml(asPosted(signedXml, respTec?.csrt));
  const read = readIdentity(doc, 'sefaz');
  if (!read.ok) throw new Error(`signed bytes of ${_id} are not readable: ${read.faults[0]?.message}`);
  return { doc, nota: notaOf(read.identity, read.inf, tpEmisInformado) };
}

interface Source {
  doc: XmlDocument;
  plan: (documento: Documento, nota: FatosDaNota, deps: PlanDeps) => Promise<Plan>;
}

/** Signs what `plan` says, validates it, and stores the signed bytes. */
export async function complete(documento: Documento, { doc, plan: planOfNote }: Source, deps: PrepareDeps): Promise<Prepared> {
  const { clock } = deps;
  const now = clock.now();
  const certificate = await signingCredential(documento, deps);
  if (!certificate.ok) return refused('rejected', certificate.fault);
  const { empresa, credential } = certificate;

  const read = readIdentity(doc, documento.layout);
  if (!read.ok) return refused('invalid', ...read.faults);
  const { identity } = read;
  const assinado = identity.assinado ? readAssinado(doc, identity, now) : undefined;
  const broken = assinado ? faultsOf(assinado) : checkRules({ doc, identity, certificado: credential, now });
  if (broken.length > 0) return refused('invalid', ...broken);

  const plan = await planOfNote(documento, notaOf(identity, read.inf, documento.tpEmisInformado), deps);
  if (!plan.emite) return { ok: false, fact: plan.fact };
  if (assinado?.ok)
    return finish(documento, { ...assinado, signedXml: assinado.xml, signer: assinado.certDer, identity, plan, credential }, deps);
  const { tpEmis, em } = plan;
  const cNF = documento.cNF ?? cNfFromRandom(clock.random(CNF_RANDOM_BYTES), identity.numero);
  const prepared = prepare({
    ...{ text: doc, layout: documento.layout, tpEmis, cNF, ...respTecOf(deps.respTec) },
    ...(em ? { contingencia: { dhCont: em.dhCont, xJust: em.xJust } } : {}),
  });
  if (!prepared.ok) return refused('invalid', ...prepared.faults);

  const { signedTag } = MODELOS[documento.modelo];
  const signed = signXml(prepared.xml, { element: signedTag }, credential);
  let signedXml = signed.xml;
  if (carriesQrCode(identity)) {
    const whole = await addQrCode(signedXml, { identity, empresa, key: credential.key }, deps);
    if (!whole.ok) return refused('rejected', whole.fault);
    signedXml = whole.xml;
  }
  const { chave, versao } = prepared;
  const { digest } = signed;
  return finish(documento, { signedXml, chave, versao, digest, identity, plan, credential }, deps);
}

interface Signed {
  signedXml: string;
  chave: string;
  versao: string;
  digest: string;
  /** DER of the certificate, when it may be another than the credential's */
  signer?: Uint8Array;
  identity: DocumentIdentity;
  plan: Plan & { emite: true };
  credential: SigningCredential;
}

/** Validates signed bytes and stores them. */
async function finish(documento: Documento, signed: Signed, { store, validator, clock }: PrepareDeps): Promise<Prepared> {
  const { signedXml, chave, versao, digest, signer, identity, plan, credential } = signed;
  const { tpEmis, autorizador, em, offlineApos } = plan;
  // Taken away when it was signed for another form of emission.
  const enviarAte = tpEmis === '1' && !documento.enviarAte ? enviarAteOf(identity) : undefined;
  const { familia } = MODELOS[documento.modelo];
  const facts = { familia, root: 'NFe', versao, ambiente: documento.tpAmb, date: clock.now() };
  const invalid = validator.validate(signedXml, facts);
  if (invalid.length > 0) return refused('invalid', ...invalid);
  const own = signer === undefined || credential.certDer.equals(signer);
  const conteudo = await store.conteudos.put(Buffer.from(signedXml), { emitente: documento.emitente, aamm: chave.slice(2, 6) });
  const contingencia = em && contingenciaOf(em, identity);
  const content: SignedContent = {
    ...{ tpEmis, autorizador, cNF: chave.slice(35, 43), chave, digest, conteudo, ...(own ? { certificado: credential.id } : {}) },
    ...(contingencia ? { contingencia } : {}),
    ...(offlineApos ? { offlineApos } : {}),
    ...(enviarAte ? { enviarAte } : {}),
  };
  return { ok: true, as: AS[em?.modo ?? 'SVC'], content, conteudo, credential, signedXml };
}

const AS = { SVC: 'signed', OFFLINE: 'issued', FSDA: 'issued', EPEC: 'epec' } as const;

/** What is stored of a contingência, with the deadline where the note is transmitted later. */
function contingenciaOf(
  { modo, tpEmis, desde }: { modo: ContingenciaDoDocumento['modo']; tpEmis: string; desde: Date },
  { modelo, dhEmi, uf }: Pick<DocumentIdentity, 'modelo' | 'dhEmi' | 'uf'>,
): ContingenciaDoDocumento {
  const prazo = prazoTransmissao({ modelo, tpEmis, dhEmi, uf });
  return { modo, desde, ...(prazo ? { prazoAte: prazo.ate, alvoAte: prazo.alvo } : {}) };
}

/** What of a note decides how it is issued. */
export function notaOf(identity: DocumentIdentity, inf: XmlElement, tpEmisInformado: string): FatosDaNota {
  const { modelo, uf, tpAmb, tpImp, semIe, serie, dhEmi } = identity;
  return {
    ...{ modelo, uf, ambiente: tpAmb === '1' ? 'prod' : 'hom', tpEmisInformado, tpImp, semIe, serie, dhEmi },
    ...{ dhContInformada: textAt(inf, 'ide/dhCont')?.trim(), xJustInformada: textAt(inf, 'ide/xJust')?.trim() },
  };
}

export function refused(as: 'invalid' | 'rejected', ...faults: Fault[]): Prepared {
  return { ok: false, fact: { kind: 'refused', as, faults } };
}

function respTecOf(respTec: RespTec | undefined) {
  if (!respTec) return {};
  const { csrt, ...group } = respTec;
  return { respTec: group, ...(csrt ? { csrt } : {}) };
}
