import { cNfFromRandom } from '@malote/fiscal/chave/cnf';
import { equalRejectionsFault } from '@malote/fiscal/consumo/equal-rejections';
import { readIdentity } from '@malote/fiscal/emission/identity';
import type { Fact, SignedContent } from '@malote/fiscal/emission/lifecycle-state';
import { prepare } from '@malote/fiscal/emission/prepare';
import { carriesQrCode } from '@malote/fiscal/emission/qr-code';
import { checkRules } from '@malote/fiscal/emission/rules';
import type { Fault } from '@malote/fiscal/fault';
import { numeroInutilizadoFault } from '@malote/fiscal/inutilizacao/rules';
import { autorizadorFor } from '@malote/fiscal/model/autorizador';
import { MODELOS } from '@malote/fiscal/model/modelo';
import { decodeXml, parseXml } from '@malote/fiscal/xml/parse';
import { signXml } from '@malote/fiscal/xml/sign';
import type { Clock } from '@malote/runtime/clock';
import type { RespTec } from '@malote/runtime/config';
import type { Validator } from '@malote/schemas/validator';
import type { Store } from '@malote/store/connect';
import type { Documento } from '@malote/store/documento';
import type { Known } from './call-sefaz.ts';
import type { Credentials } from './credentials.ts';
import { addQrCode } from './qr-code.ts';
import { signingCredential } from './signing-credential.ts';
import type { VoidedRanges } from './voided-ranges.ts';

export interface PrepareDeps {
  store: Store;
  credentials: Credentials;
  validator: Validator;
  clock: Clock;
  respTec: RespTec | undefined;
  voided: VoidedRanges;
}

export type Prepared = ({ ok: true; content: SignedContent } & Known) | { ok: false; fact: Extract<Fact, { kind: 'refused' }> };

const CNF_RANDOM_BYTES = 16;
const NUMERO_PATH = 'infNFe/ide/nNF';

/**
 * Completes, signs and validates a received document, and stores the signed bytes. Everything that decides the key (cNF, tpEmis) is fixed
 * here, once; a refusal leaves the number free. Throws only when a server does not answer.
 */
export async function prepareDocument(documento: Documento, deps: PrepareDeps): Promise<Prepared> {
  const { store, validator, clock } = deps;
  const now = clock.now();
  const looping = equalRejectionsFault(documento.rodadas, now);
  if (looping) return refused('rejected', looping);
  const entrada = await store.documentos.entradaOf(documento);
  if (!entrada) throw new Error(`documento ${documento._id} is ${documento.state} without its body`);

  const voided = await deps.voided.covering(documento);
  if (voided) return refused('rejected', numeroInutilizadoFault(documento.numero, voided, NUMERO_PATH));
  const certificate = await signingCredential(documento, deps);
  if (!certificate.ok) return refused('rejected', certificate.fault);
  const { empresa, credential } = certificate;

  const doc = parseXml(decodeXml(entrada));
  const read = readIdentity(doc, documento.layout);
  if (!read.ok) return refused('invalid', ...read.faults);
  const { identity } = read;
  const broken = checkRules({ doc, identity, certificado: credential, now });
  if (broken.length > 0) return refused('invalid', ...broken);

  const { tpEmis } = identity;
  const cNF = documento.cNF ?? cNfFromRandom(clock.random(CNF_RANDOM_BYTES), identity.numero);
  const prepared = prepare({ text: doc, layout: documento.layout, tpEmis, cNF, ...respTecOf(deps.respTec) });
  if (!prepared.ok) return refused('invalid', ...prepared.faults);

  const { familia, signedTag } = MODELOS[documento.modelo];
  const signed = signXml(prepared.xml, { element: signedTag }, credential);
  let signedXml = signed.xml;
  if (carriesQrCode(identity)) {
    const whole = await addQrCode(signedXml, { identity, empresa, key: credential.key }, deps);
    if (!whole.ok) return refused('rejected', whole.fault);
    signedXml = whole.xml;
  }
  const invalid = validator.validate(signedXml, {
    familia,
    root: 'NFe',
    versao: prepared.versao,
    ambiente: documento.tpAmb,
    date: now,
  });
  if (invalid.length > 0) return refused('invalid', ...invalid);

  const { chave } = prepared;
  const conteudo = await store.conteudos.put(Buffer.from(signedXml), { emitente: documento.emitente, aamm: chave.slice(2, 6) });
  const autorizador = autorizadorFor({
    modelo: documento.modelo,
    uf: documento.uf,
    tpEmis,
    semIe: identity.semIe,
    serie: identity.serie,
  });
  const content: SignedContent = {
    tpEmis,
    autorizador,
    cNF: chave.slice(35, 43),
    chave,
    digest: signed.digest,
    conteudo,
    certificado: credential.id,
  };
  return { ok: true, content, conteudo, credential, signedXml };
}

function refused(as: 'invalid' | 'rejected', ...faults: Fault[]): Prepared {
  return { ok: false, fact: { kind: 'refused', as, faults } };
}

function respTecOf(respTec: RespTec | undefined) {
  if (!respTec) return {};
  const { csrt, ...group } = respTec;
  return { respTec: group, ...(csrt ? { csrt } : {}) };
}
