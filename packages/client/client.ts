import { type Answer, type Call, send } from './call.ts';
import type { components, operations } from './contract.data.ts';
import { MaloteProblem } from './errors.ts';
import { holdSession } from './session.ts';

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

export interface Emission extends Docs, Signalled {
  /** Unsigned; `NFe` or `enviNFe`. A text or UTF-8 bytes. */
  xml: string | Uint8Array;
  /** Seconds the hub waits for the final state before it answers with the present one. */
  wait?: number;
  idempotencyKey?: string;
  layout?: 'sefaz' | 'oobj';
}

/** Form and paper of what is printed. */
export type DanfeOptions = NonNullable<operations['baixarPdfPorChave']['parameters']['query']>;

export type DocumentosFilter = Omit<NonNullable<operations['listarDocumentos']['parameters']['query']>, 'pagina'>;

/** Every method signs in when it has to, and throws MaloteProblem or MaloteUnavailable. */
export interface Client {
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

  const documento: Client['documento'] = ({ signal, ...ref }) => json(documentoPath(ref), { signal });
  const documentosPage: Client['documentosPage'] = ({ signal, ...query }) => json(docsPath(query) + search(query, FILTERS), { signal });
  const emRecuperacaoPage: Client['emRecuperacaoPage'] = ({ signal, pagina } = {}) =>
    json(`/api/conta/em-recuperacao${search({ pagina }, ['pagina'])}`, { signal });

  return {
    emit({ xml, wait, idempotencyKey, layout, signal, ...docs }) {
      const headers = {
        'content-type': 'application/xml',
        ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      };
      const waitMs = (wait ?? 0) * 1000;
      return json(docsPath(docs) + search({ layout }, ['layout']), { method: 'POST', headers, body: xml, signal, waitMs });
    },
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

function docsPath({ empresa, ambiente, modelo }: Docs): string {
  return `/api/empresas/${encodeURIComponent(empresa)}/docs/${ambiente}/${modelo}`;
}

function documentoPath(ref: DocumentoRef): string {
  const last = 'chave' in ref ? encodeURIComponent(ref.chave) : `${ref.ano}/${ref.serie}/${ref.numero}`;
  return `${docsPath(ref)}/${last}`;
}

function search<K extends string>(values: { [name in K]?: string | number | undefined }, names: readonly K[]): string {
  const given = names.flatMap((name): [string, string][] => (values[name] === undefined ? [] : [[name, String(values[name])]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** Row after row; a page is asked for when the one before has been read. */
async function* rowsOf<R>(
  page: (pagina: number) => Promise<{ totalElementos: number; registros: R[] }>,
): AsyncGenerator<R, void, undefined> {
  let seen = 0;
  for (let pagina = 1; ; pagina += 1) {
    const { registros, totalElementos } = await page(pagina);
    yield* registros;
    seen += registros.length;
    if (registros.length === 0 || seen >= totalElementos) return;
  }
}
