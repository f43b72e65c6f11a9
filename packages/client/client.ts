import { type Answer, type Call, send } from './call.ts';
import { type CertificadoCalls, certificadoCalls } from './certificados.ts';
import { type ContingenciaCalls, contingenciaCalls } from './contingencia.ts';
import type { components, operations } from './contract.data.ts';
import { type EmpresaCalls, empresaCalls } from './empresas.ts';
import { type EntidadeCalls, entidadeCalls } from './entidades.ts';
import { MaloteProblem } from './errors.ts';
import { rowsOf, search } from './pages.ts';
import { holdSession } from './session.ts';

export type { Certificado, CertificadoCalls, CertificadoDescrito, CertificadoPosting } from './certificados.ts';
export type {
  Contingencia,
  ContingenciaCalls,
  ContingenciaRef,
  OrdemContingencia,
  PedidoSimulacao,
  Pendente,
  PendentesPage,
  PoliticaContingencia,
  RelatorioSimulacao,
  Simulacao,
  SituacaoContingencia,
  SituacaoSefaz,
} from './contingencia.ts';
export type { CadastroCsc, CadastroEmpresa, Csc, CscRef, Empresa, EmpresaCalls, EmpresasPage } from './empresas.ts';
export type {
  Entidade,
  EntidadeCalls,
  EntidadeRow,
  EntidadesFilter,
  EntidadesPage,
  Estabelecimento,
  PedidoBloqueio,
  ResultadoBloqueio,
} from './entidades.ts';
export { type Fault, MaloteProblem, MaloteUnavailable, type Problem, type ProblemCode, type UnavailableReason } from './errors.ts';

type Schemas = components['schemas'];
export type Documento = Schemas['Documento'];
export type DocumentoStatus = Documento['status'];
export type DocumentosPage = Schemas['Documentos'];
export type DocumentoRow = DocumentosPage['registros'][number];
export type EmRecuperacaoPage = Schemas['EmRecuperacao'];
export type EmRecuperacaoRow = EmRecuperacaoPage['registros'][number];
export type Sessao = Schemas['Sessao'];
export type Tentativas = Schemas['Tentativas'];
export type Evento = Schemas['Evento'];
/** The JSON of an event: `tipo` says which, the other fields are its own. */
export type PedidoEvento = Schemas['PedidoEvento'];
export type Inutilizacao = Schemas['Inutilizacao'];
export type InutilizacoesPage = Schemas['Inutilizacoes'];
export type PedidoInutilizacao = Schemas['PedidoInutilizacao'];
export type Lacunas = Schemas['Lacunas'];
export type Ambiente = 'hom' | 'prod';
export type Modelo = Documento['codModelo'];

export interface ClientOptions {
  /** Of the hub, e.g. `https://malote.exemplo.com.br`. */
  url: string;
  token: string;
  secret: string;
  /** Repetitions of a call that could not be answered; 2 unless given. No call of the contract does harm when it is repeated. */
  retries?: number;
  /** Longest wait for one answer, without what an emission asks the hub to wait; 30 s unless given. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/** Where documents are: a company, an ambiente, a model. */
export interface Docs {
  /** CNPJ or CPF, without mask. */
  empresa: string;
  ambiente: Ambiente;
  modelo: Modelo;
}

/** One document, by number or by key. */
export type DocumentoRef = Docs & ({ ano: number; serie: number; numero: number } | { chave: string });

export interface Signalled {
  signal?: AbortSignal | undefined;
}

/** Wishes of a post that SEFAZ decides on. */
export interface Posting extends Signalled {
  /** Seconds the hub waits for the final state before it answers with the present one. */
  wait?: number;
  idempotencyKey?: string;
}

/** An unsigned XML, as text or UTF-8 bytes. */
export interface PostedXml {
  xml: string | Uint8Array;
  layout?: 'sefaz' | 'oobj';
}

/** `NFe` or `enviNFe`. */
export interface Emission extends Docs, Posting, PostedXml {
  /** Key of the note of unknown fate in whose place it is issued (`acao: reemitir-com-novo-numero`). */
  substitui?: string;
}

/** The document, and the event as JSON or as XML (`evento` or `envEvento`). */
export type EventoPosting = DocumentoRef & Posting & ({ evento: PedidoEvento } | PostedXml);

/** One event of a document, which is named by its key. */
export interface EventoRef extends Omit<Docs, 'modelo'> {
  chave: string;
  /** tpEvento, or `codigoEvento` as an event shows it. */
  tpEvento: string | number;
  nSeqEvento: number;
}

/** The range as JSON or as XML (`inutNFe`). */
export type InutilizacaoPosting = Docs & Posting & ({ faixa: PedidoInutilizacao } | PostedXml);

/** The inutilização that a number is in. */
export interface InutilizacaoRef extends Docs {
  uf: string;
  ano: number;
  serie: number;
  numero: number;
}

export type LacunasQuery = NonNullable<operations['listarLacunas']['parameters']['query']>;

/** Form and paper of what is printed. */
export type DanfeOptions = NonNullable<operations['baixarPdfPorChave']['parameters']['query']>;

export type DocumentosFilter = Omit<NonNullable<operations['listarDocumentos']['parameters']['query']>, 'pagina'>;

/** Every method signs in when it has to, and throws MaloteProblem or MaloteUnavailable. */
export interface Client extends CertificadoCalls, ContingenciaCalls, EmpresaCalls, EntidadeCalls {
  /** Posts a document. The same content again answers its present state, so that an emission whose answer was lost is just repeated. */
  emit(emission: Emission): Promise<Documento>;
  documento(ref: DocumentoRef & Signalled): Promise<Documento>;
  /** The processed XML (nfeProc); MaloteProblem `xml-indisponivel` while there is none. */
  xml(ref: DocumentoRef & Signalled): Promise<string>;
  /** The DANFE as PDF; MaloteProblem `impressao-indisponivel` while there is nothing to print. */
  pdf(ref: DocumentoRef & DanfeOptions & Signalled): Promise<Uint8Array>;
  /** The DANFE of a document that is not emitted yet, marked as preview; MaloteProblem `conteudo-invalido` with its faults. */
  previa(preview: Docs & DanfeOptions & Pick<Emission, 'xml' | 'layout' | 'signal'>): Promise<Uint8Array>;
  /** Every call that was made to SEFAZ for the document. */
  tentativas(ref: DocumentoRef & Signalled): Promise<Tentativas>;
  /** Every document, oldest first, page after page as they are read. */
  documentos(query: Docs & DocumentosFilter & Signalled): AsyncGenerator<DocumentoRow, void, undefined>;
  /** One page of 20, from 1. */
  documentosPage(query: Docs & DocumentosFilter & Signalled & { pagina?: number }): Promise<DocumentosPage>;
  /** Asks for an event of an authorised document. The same request again answers its present state, as with an emission. */
  postEvent(event: EventoPosting): Promise<Evento>;
  /** Every event of a document, in the order in which they came. */
  listEvents(ref: Omit<Docs, 'modelo'> & { chave: string } & Signalled): Promise<Evento[]>;
  getEvent(ref: EventoRef & Signalled): Promise<Evento>;
  /** The procEventoNFe; MaloteProblem `xml-indisponivel` while there is none. */
  eventXml(ref: EventoRef & Signalled): Promise<string>;
  /** The sheet of a registered carta de correção or cancellation. */
  eventPdf(ref: EventoRef & Signalled): Promise<Uint8Array>;
  /** Declares a range of numbers void. */
  inutilizar(inutilizacao: InutilizacaoPosting): Promise<Inutilizacao>;
  /** By any number inside the range. */
  inutilizacao(ref: InutilizacaoRef & Signalled): Promise<Inutilizacao>;
  inutilizacaoXml(ref: InutilizacaoRef & Signalled): Promise<string>;
  /** Every inutilização of a company, the latest first. */
  inutilizacoes(query: Omit<Docs, 'modelo'> & Signalled): AsyncGenerator<Inutilizacao, void, undefined>;
  inutilizacoesPage(query: Omit<Docs, 'modelo'> & Signalled & { pagina?: number }): Promise<InutilizacoesPage>;
  /** Numbers of a série that are not used, and what is proposed about them. Nothing is written. */
  lacunas(query: Docs & LacunasQuery & Signalled): Promise<Lacunas>;
  /** Documents of the account on which the hub still works after something went wrong. */
  emRecuperacao(options?: Signalled): AsyncGenerator<EmRecuperacaoRow, void, undefined>;
  emRecuperacaoPage(options?: Signalled & { pagina?: number }): Promise<EmRecuperacaoPage>;
  /** The account, its companies, and how long the session lasts. */
  sessao(options?: Signalled): Promise<Sessao>;
  /** Ends the session, if there is one; a later call opens another. */
  signOut(): Promise<void>;
}

/** A client of one account. Nothing is asked of the hub before the first call. */
export function createClient(options: ClientOptions): Client {
  const url = options.url.replace(/\/+$/, '');
  const settings = {
    url,
    token: options.token,
    secret: options.secret,
    retries: options.retries ?? 2,
    timeoutMs: options.timeoutMs ?? 30_000,
    fetch: options.fetch ?? ((input: string | URL | Request, init?: RequestInit) => fetch(input, init)),
  };
  const session = holdSession(settings);

  /** With a session; when the hub does not know it any more, once again with a new one. */
  async function call(path: string, what: Partial<Call> = {}): Promise<Answer> {
    for (let renewed = false; ; renewed = true) {
      const token = await session.token(what.signal);
      const headers = { ...what.headers, 'x-auth-token': token };
      try {
        return await send({ method: 'GET', ...what, url: url + path, headers }, settings);
      } catch (error) {
        const expired = error instanceof MaloteProblem && error.codigo === 'sessao-invalida';
        if (expired) session.forget(token);
        if (!expired || renewed) throw error;
      }
    }
  }
  const json = async <T>(path: string, what: Partial<Call> = {}) => JSON.parse((await call(path, what)).text) as T;

  /** Posts what SEFAZ decides on: an XML as it is, or JSON. */
  function posted<T>(
    path: string,
    { wait, idempotencyKey, signal }: Posting,
    what: (PostedXml & { substitui?: string }) | { json: unknown },
  ): Promise<T> {
    const isXml = 'xml' in what;
    const headers = {
      'content-type': isXml ? 'application/xml' : 'application/json',
      ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    const body = isXml ? what.xml : JSON.stringify(what.json);
    const query = isXml ? search({ layout: what.layout, substitui: what.substitui }, ['layout', 'substitui']) : '';
    return json(path + query, { method: 'POST', headers, body, signal, waitMs: (wait ?? 0) * 1000 });
  }

  const documento: Client['documento'] = ({ signal, ...ref }) => json(documentoPath(ref), { signal });
  const documentosPage: Client['documentosPage'] = ({ signal, ...query }) => json(docsPath(query) + search(query, FILTERS), { signal });
  const inutilizacoesPage: Client['inutilizacoesPage'] = ({ signal, pagina, ...where }) =>
    json(inutilizacoesPath(where) + search({ pagina }, ['pagina']), { signal });
  const emRecuperacaoPage: Client['emRecuperacaoPage'] = ({ signal, pagina } = {}) =>
    json(`/api/conta/em-recuperacao${search({ pagina }, ['pagina'])}`, { signal });

  return {
    ...certificadoCalls({ call }),
    ...contingenciaCalls({ call }),
    ...empresaCalls({ call }),
    ...entidadeCalls({ call, timeoutMs: settings.timeoutMs }),
    emit: ({ xml, layout, substitui, ...post }) =>
      posted(docsPath(post), post, { xml, ...(layout ? { layout } : {}), ...(substitui ? { substitui } : {}) }),
    documento,
    async xml({ signal, ...ref }) {
      return (await call(`${documentoPath(ref)}.xml`, { signal })).text;
    },
    async pdf({ signal, formato, largura, ...ref }) {
      return (await call(`${documentoPath(ref)}.pdf${search({ formato, largura }, PAPER)}`, { signal })).bytes;
    },
    async previa({ xml, layout, signal, formato, largura, ...docs }) {
      const query = search({ layout, formato, largura }, ['layout', ...PAPER]);
      const headers = { 'content-type': 'application/xml' };
      return (await call(`${docsPath(docs)}/previa${query}`, { method: 'POST', headers, body: xml, signal })).bytes;
    },
    async tentativas({ signal, ...ref }) {
      const ledgerOf = (chave: string) => json<Tentativas>(`${docsPath(ref)}/${encodeURIComponent(chave)}/tentativas`, { signal });
      if ('chave' in ref) return ledgerOf(ref.chave);
      const { chaveAcesso, status } = await documento({ ...ref, signal });
      // Without a key nothing was ever sent.
      return chaveAcesso === null ? { chaveAcesso, status, tentativas: [] } : ledgerOf(chaveAcesso);
    },
    documentos: (query) => rowsOf((pagina) => documentosPage({ ...query, pagina })),
    documentosPage,
    postEvent: (event) => posted(`${documentoPath(event)}/eventos`, event, 'evento' in event ? { json: event.evento } : event),
    listEvents: ({ signal, ...ref }) => json(eventosPath(ref), { signal }),
    getEvent: ({ signal, ...ref }) => json(eventoPath(ref), { signal }),
    async eventXml({ signal, ...ref }) {
      return (await call(`${eventoPath(ref)}.xml`, { signal })).text;
    },
    async eventPdf({ signal, ...ref }) {
      return (await call(`${eventoPath(ref)}.pdf`, { signal })).bytes;
    },
    inutilizar: (range) => posted(`${inutilizacoesPath(range)}/${range.modelo}`, range, 'faixa' in range ? { json: range.faixa } : range),
    inutilizacao: ({ signal, ...ref }) => json(inutilizacaoPath(ref), { signal }),
    async inutilizacaoXml({ signal, ...ref }) {
      return (await call(`${inutilizacaoPath(ref)}.xml`, { signal })).text;
    },
    inutilizacoes: (query) => rowsOf((pagina) => inutilizacoesPage({ ...query, pagina })),
    inutilizacoesPage,
    lacunas: ({ signal, ...query }) => json(`${docsPath(query)}/lacunas${search(query, GAPS)}`, { signal }),
    emRecuperacao: (query = {}) => rowsOf((pagina) => emRecuperacaoPage({ ...query, pagina })),
    emRecuperacaoPage,
    sessao: ({ signal } = {}) => json('/session', { signal }),
    async signOut() {
      const token = session.present();
      if (token === undefined) return;
      session.forget(token);
      try {
        await send({ method: 'DELETE', url: `${url}/session`, headers: { 'x-auth-token': token } }, settings);
      } catch (error) {
        // Ended already, by time or by somebody else.
        if (!(error instanceof MaloteProblem && error.status === 401)) throw error;
      }
    },
  };
}

const PAPER = ['formato', 'largura'] as const;
const FILTERS = ['status', 'de', 'ate', 'serie', 'pagina'] as const;
const GAPS = ['serie', 'de', 'ate', 'uf'] as const;

function docsPath({ empresa, ambiente, modelo }: Docs): string {
  return `/api/empresas/${encodeURIComponent(empresa)}/docs/${ambiente}/${modelo}`;
}

function documentoPath(ref: DocumentoRef): string {
  const last = 'chave' in ref ? encodeURIComponent(ref.chave) : `${ref.ano}/${ref.serie}/${ref.numero}`;
  return `${docsPath(ref)}/${last}`;
}

function eventosPath({ empresa, ambiente, chave }: Omit<Docs, 'modelo'> & { chave: string }): string {
  return `/api/empresas/${encodeURIComponent(empresa)}/docs/${ambiente}/${encodeURIComponent(chave)}/eventos`;
}

function eventoPath({ tpEvento, nSeqEvento, ...document }: EventoRef): string {
  return `${eventosPath(document)}/${tpEvento}/${nSeqEvento}`;
}

function inutilizacoesPath({ empresa, ambiente }: Omit<Docs, 'modelo'>): string {
  return `/api/empresas/${encodeURIComponent(empresa)}/docs/inutilizacoes/${ambiente}`;
}

function inutilizacaoPath({ uf, ano, serie, numero, modelo, ...where }: InutilizacaoRef): string {
  return `${inutilizacoesPath(where)}/${modelo}/${encodeURIComponent(uf)}/${ano}/${serie}/${numero}`;
}
