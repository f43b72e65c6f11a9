import { type DocumentIdentity, documentId, readIdentity } from '@malote/fiscal/emission/identity';
import { isSettled } from '@malote/fiscal/emission/lifecycle-state';
import { decodeXml, parseXml, type XmlDocument, type XmlElement, XmlError } from '@malote/fiscal/xml/parse';
import type { AnyEnvelope } from '@malote/messages/envelope';
import type { Documento, NovoDocumento } from '@malote/store/documento';
import type { Accepted } from '@malote/store/documentos';
import type { Idempotencia } from '@malote/store/idempotencia';
import Joi from 'joi';
import { contaOf, type Exchange } from './exchange.ts';
import { type Claimed, claimKey, idempotencyKey } from './idempotency.ts';
import { locationOf, presentDocument, procXmlOf, statusOf, tpAmbOf } from './present-document.ts';
import { isProblemCode, Problem, type ProblemCode } from './problems.ts';
import type { Params } from './routing.ts';
import type { Waits } from './wait.ts';

export interface AcceptDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string } | undefined>;
  /** One majority write: the document and its first command together, or the present state of what is already there. */
  accept(novo: NovoDocumento): Promise<Accepted>;
  findById(id: string): Promise<Documento | undefined>;
  waits: Waits;
  keys: Idempotencia;
  readConteudo(ref: string): Promise<Buffer | undefined>;
  /** Sends the command to the broker; failing is allowed, the outbox has it. */
  publish(message: AnyEnvelope): Promise<unknown>;
  bodyLimitBytes: number;
}

type Layout = 'sefaz' | 'oobj';

/** Query of every route that takes a fiscal XML. */
export const layoutQuery = Joi.object<{ layout: Layout }>({
  layout: Joi.string()
    .valid('sefaz', 'oobj')
    .default('sefaz')
    .empty('')
    .description('`sefaz`: namespace oficial; `oobj`: namespace http://www.oobj.com.br/nfe.'),
});

/** Models whose emission exists. */
const EMITTED = new Set(['55', '65']);

/** POST of a document: everything that can be told from the request alone is answered here; a valid identity is stored and queued. */
export function createAcceptDocument(deps: AcceptDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { req, res, params } = exchange;
    const conta = contaOf(exchange);
    const layout = exchange.query.layout as Layout;
    const key = idempotencyKey(req.get('idempotency-key'));
    checkEmitted(params);
    if (!(await deps.findEmpresa({ conta, documento: params.empresa ?? '' }))) throw unknownEmpresa(params);

    const { body, identity, fingerprint } = readPosted(exchange, deps.bodyLimitBytes);
    const novo = { conta, identity, fingerprint, layout, entrada: body, traceparent: exchange.trace.traceparent };
    const id = documentId(identity);
    const claimed = key === undefined ? undefined : await claimKey(deps.keys, { conta, key, documento: id, fingerprint });
    const wait = deps.waits.begin(exchange, id);
    try {
      const replaced = claimed?.repeated ? await replacedSince(deps, novo, id) : undefined;
      const accepted = replaced ?? (await store(deps, exchange, wait ? { ...novo, responderAte: wait.responderAte } : novo, claimed));
      const isFinal = ({ state }: Documento) => isSettled(state);
      const documento = wait ? await wait.until(accepted, () => deps.findById(id), isFinal) : accepted;
      res.location(locationOf(documento));
      res.status(isFinal(documento) ? 200 : 202).json(presentDocument(documento, await procXmlOf(documento, deps.readConteudo)));
    } finally {
      wait?.close();
    }
  };
}

/** Throws for a model whose emission does not exist. */
export function checkEmitted({ codModelo }: Params): void {
  if (EMITTED.has(codModelo ?? '')) return;
  const detail = `A emissão do modelo ${codModelo} ainda não está disponível nesta versão; só as dos modelos 55 e 65.`;
  throw new Problem('modelo-nao-suportado', detail);
}

export interface Posted {
  body: Buffer;
  doc: XmlDocument;
  identity: DocumentIdentity;
  inf: XmlElement;
  fingerprint: string;
}

/** The unsigned document in the body of a call that has `layoutQuery`, the one that its path says. @throws Problem */
export function readPosted({ body = Buffer.alloc(0), params, query }: Exchange, maxBytes: number): Posted {
  const doc = readXml(body, maxBytes);
  const { identity, inf, fingerprint } = identify(doc, query.layout as Layout);
  checkPath(identity, params);
  checkUnsigned(identity);
  return { body, doc, identity, inf, fingerprint };
}

/** The document, stored with its first command now or earlier. @throws Problem when its number holds something else */
async function store(deps: AcceptDeps, exchange: Exchange, novo: NovoDocumento, claimed: Claimed | undefined): Promise<Documento> {
  const { outcome, documento, message } = await deps.accept(novo);
  exchange.tag({ doc: documento._id });
  if (outcome === 'conflict') {
    await claimed?.release();
    throw conflict(documento, novo.conta);
  }
  const { log } = exchange;
  // Not awaited: the command is in the document's outbox already, so the answer depends on the broker neither for truth nor for time.
  if (message) {
    deps.publish(message).then(
      (result) => log.debug({ msg_id: message.id, result }, 'command published'),
      (error: unknown) => log.warn({ err: error, msg_id: message.id }, 'command not published, the sweep will'),
    );
  }
  log.info({ outcome, state: documento.state, bytes: novo.entrada.length }, 'document received');
  return documento;
}

/** The document when a keyed request is repeated whose content was refused and replaced since: it must not take the number back. */
async function replacedSince(deps: AcceptDeps, { conta, fingerprint }: NovoDocumento, id: string): Promise<Documento | undefined> {
  const present = await deps.findById(id);
  const replaced = present?.conta === conta && present.rodadas.some((rodada) => rodada.fingerprint === fingerprint);
  return replaced && present.fingerprint !== fingerprint ? present : undefined;
}

/** Not of this account, or of nobody: which of the two is not said. */
export function unknownEmpresa(params: Params): Problem {
  return new Problem('empresa-desconhecida', `A empresa ${params.empresa} não está cadastrada nesta conta.`);
}

function readXml(body: Buffer, maxBytes: number): XmlDocument {
  try {
    return parseXml(decodeXml(body, { maxBytes }), { maxBytes });
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const codigo = isProblemCode(error.codigo) ? error.codigo : 'xml-recusado';
    throw new Problem(codigo, error.message, { line: error.line, column: error.column });
  }
}

/** Problem codes of the identity faults that are no matter of one field. */
const PROBLEM_OF_FAULT: Record<string, ProblemCode> = {
  'EMI-001': 'raiz-invalida',
  'EMI-002': 'namespace-invalido',
  'EMI-003': 'namespace-invalido',
  'EMI-004': 'lote-invalido',
  'EMI-030': 'conteudo-assinado',
};

function identify(doc: XmlDocument, layout: Layout): Omit<Posted, 'body' | 'doc'> {
  const read = readIdentity(doc, layout);
  if (read.ok) return read;
  const [first] = read.faults;
  const more = read.faults.length > 1 ? ` (e mais ${read.faults.length - 1}; veja "faults")` : '';
  const codigo = PROBLEM_OF_FAULT[first?.code ?? ''] ?? 'identificacao-invalida';
  throw new Problem(codigo, `${first?.message ?? 'O documento não pôde ser identificado.'}${more}`, { faults: read.faults });
}

/** The path says whose document it is and where it goes; the body must say the same (a note of another company must not get in by mistake). */
function checkPath(identity: DocumentIdentity, params: Params): void {
  const { empresa, ambiente, codModelo } = params;
  if (identity.modelo !== codModelo) {
    throw new Problem('modelo-divergente', `O documento é do modelo ${identity.modelo}, mas o caminho diz ${codModelo}.`);
  }
  if (identity.emitente !== empresa) {
    throw new Problem('empresa-divergente', `O emitente do documento é ${identity.emitente}, mas o caminho diz ${empresa}.`);
  }
  const tpAmb = tpAmbOf(params);
  if (identity.tpAmb !== tpAmb) {
    throw new Problem('ambiente-divergente', `O documento tem tpAmb ${identity.tpAmb}, mas o caminho diz "${ambiente}" (tpAmb ${tpAmb}).`);
  }
}

/** Signed with tpEmis 1 is a fault of the identity already. */
function checkUnsigned({ assinado, tpEmis }: DocumentIdentity): void {
  if (!assinado) return;
  throw new Problem(
    'conteudo-assinado-nao-suportado',
    `O documento já está assinado (tpEmis ${tpEmis}). A transmissão de documentos assinados em contingência ainda não está disponível nesta versão.`,
  );
}

function conflict(documento: Documento, conta: string): Problem {
  // A number that another account holds: what it is there stays unknown.
  if (documento.conta !== conta) return new Problem('identidade-em-conflito', 'Esta identificação não pode ser usada por esta conta.');
  return new Problem(
    'identidade-em-conflito',
    `Já existe documento com a mesma identificação e outro conteúdo, com status "${statusOf(documento)}", que não admite nova tentativa. ` +
      'Use outro número ou consulte o documento existente.',
    {
      headers: { Location: locationOf(documento) },
      ...(documento.retorno ? { cStat: documento.retorno.cStat, xMotivo: documento.retorno.xMotivo } : {}),
    },
  );
}
