import { type DocumentIdentity, documentId, readIdentity } from '@malote/fiscal/emission/identity';
import { isSettled } from '@malote/fiscal/emission/lifecycle-state';
import type { XmlDocument, XmlElement } from '@malote/fiscal/xml/parse';
import type { Documento, NovoDocumento } from '@malote/store/documento';
import type { Accepted } from '@malote/store/documentos';
import { checkEmitente, type IsBlocked } from './check-emitente.ts';
import type { CheckSerie } from './contingencia/reserved-series.ts';
import { type SubstituicaoDeps, substituidaOf } from './contingencia/substituicao.ts';
import { bodyOf, contaOf, type Exchange, sessionOf } from './exchange.ts';
import { faultsProblem } from './faults-problem.ts';
import { idempotencyKey } from './idempotency.ts';
import type { Layout } from './layout-query.ts';
import { locationOf, presentDocument, statusOf, tpAmbOf, xmlOf } from './present-document.ts';
import { Problem, type ProblemCode } from './problems.ts';
import { readXml } from './read-xml.ts';
import { type ReceiveDeps, receive } from './receive.ts';
import type { Params } from './routing.ts';

export interface AcceptDeps extends ReceiveDeps, SubstituicaoDeps {
  findEmpresa(query: { conta: string; documento: string }): Promise<{ _id: string; ie?: string } | undefined>;
  isBlocked: IsBlocked;
  checkSerie: CheckSerie;
  /** One majority write: the document and its first command together, or the present state of what is already there. */
  accept(novo: NovoDocumento): Promise<Accepted>;
  readConteudo(ref: string): Promise<Buffer | undefined>;
  bodyLimitBytes: number;
}

/** Models whose emission exists. */
const EMITTED = new Set(['55', '65']);

/** POST of a document: everything that can be told from the request alone is answered here; a valid identity is stored and queued. */
export function createAcceptDocument(deps: AcceptDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const { req, params } = exchange;
    const conta = contaOf(exchange);
    const layout = exchange.query.layout as Layout;
    const key = idempotencyKey(req.get('idempotency-key'));
    checkEmitted(params);
    const empresa = await deps.findEmpresa({ conta, documento: params.empresa ?? '' });
    if (!empresa) throw unknownEmpresa(params);

    const { body, identity, fingerprint } = readPosted(exchange, deps.bodyLimitBytes);
    const { emitente, uf, ie = empresa.ie ?? '' } = identity;
    await checkEmitente(deps.isBlocked, sessionOf(exchange), { conta, documento: emitente, uf, ie });
    const { modelo, serie } = identity;
    await deps.checkSerie({ conta, empresa: emitente, modelo, serie });
    const { substitui: chave } = exchange.query as { substitui?: string };
    const substitui = chave === undefined ? {} : { substitui: await substituidaOf(deps, { conta, chave, identity }) };
    const novo = { conta, identity, fingerprint, layout, entrada: body, traceparent: exchange.trace.traceparent, ...substitui };
    const id = documentId(identity);
    const follow = followTo(deps.findById);
    await receive<Documento>(deps, exchange, {
      ...{ key, id, target: id, fingerprint, bytes: body.length },
      earlier: () => replacedSince(deps, novo, id),
      async accept(responderAte) {
        const { outcome, documento, message } = await deps.accept(responderAte ? { ...novo, responderAte } : novo);
        return { outcome, record: outcome === 'same' ? await follow(documento) : documento, message };
      },
      conflict: (documento) => conflict(documento, conta),
      async read(known, watch) {
        const documento = await deps.findById(known);
        return documento && follow(documento, watch);
      },
      isFinal: ({ state }) => isSettled(state) || state === 'issued',
      // Nothing better will come while the till waits: it has to issue another note.
      endsWait: ({ acao }) => acao !== undefined,
      tagsOf: ({ _id }) => ({ doc: _id }),
      locationOf,
      present: async (documento) => presentDocument(documento, await xmlOf(documento, deps.readConteudo)),
    });
  };
}

/** Of a document that has a substitute the substitute, which is what the customer gets; as long as it is not stored yet, the document. */
function followTo(findById: AcceptDeps['findById']) {
  return async (documento: Documento, watch: (id: string) => void = () => {}): Promise<Documento> => {
    const { conta, substituidaPor } = documento;
    if (!substituidaPor) return documento;
    watch(substituidaPor.documentoId);
    const substituta = await findById(substituidaPor.documentoId);
    return substituta?.conta === conta && !cameToNothing(substituta) ? substituta : documento;
  };
}

/** Refused before anybody got it on paper. */
function cameToNothing({ state, pendenteDesde }: Documento): boolean {
  return isSettled(state) && state !== 'authorized' && state !== 'cancelled' && pendenteDesde === undefined;
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

/** The document in the body of a call that has `layoutQuery`, the one that its path says; signed only in contingência (tpEmis other than 1). @throws Problem */
export function readPosted(exchange: Exchange, maxBytes: number): Posted {
  const { params, query } = exchange;
  const { bytes: body } = bodyOf(exchange);
  const doc = readXml(body, maxBytes);
  const { identity, inf, fingerprint } = identify(doc, query.layout as Layout);
  checkPath(identity, params);
  return { body, doc, identity, inf, fingerprint };
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
  const detail = 'O documento não pôde ser identificado.';
  throw faultsProblem(read.faults, { codigo: 'identificacao-invalida', codigos: PROBLEM_OF_FAULT, detail });
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
