import type { Escopo } from '@malote/store/credenciais';
import type Joi from 'joi';
import type { Exchange } from './exchange.ts';
import type { ProblemCode } from './problems.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Groups of the API description, in its order. */
export type Tag =
  | 'Sessão'
  | 'Documentos'
  | 'Eventos'
  | 'Inutilização'
  | 'Contingência'
  | 'Conta'
  | 'Empresas'
  | 'Entidades'
  | 'Operação'
  | 'Descrição';

/** One successful answer of a route, by status. Problems are not listed here. */
export interface Answer {
  description: string;
  /** Of the body; none: the answer has no body, or one that only its type describes (XML, PDF). */
  schema?: Joi.Schema;
  /** Media type of the body; `application/json` where there is a schema. */
  type?: string;
  /** The same in other media types, for callers who ask for them. */
  also?: Record<string, Joi.Schema>;
  /** Headers that every such answer has: name → description. */
  headers?: Record<string, string>;
}

/** A body that may be XML or JSON, for the description only. */
export interface BodyForms {
  /** Of the JSON form. */
  json: Joi.Schema;
  /** Name → what it shows and the body itself: an XML text, or the value of the JSON. */
  examples: Readonly<Record<string, { summary: string; xml?: string; json?: unknown }>>;
}

/** One row of the routing table. */
export interface Route {
  method: Method;
  /** Literal segments and `:name` parameters; a suffix may follow a parameter inside its segment (`:numero.xml`). */
  path: string;
  /** A real path that this row, and no other, answers. */
  sample: string;
  /** Path parameters that the API description shows in place of those of its example note. */
  shown?: Readonly<Record<string, string>>;
  /** Name of the operation in the API description and in clients made from it: permanent, camelCase. */
  id: string;
  tag: Tag;
  /** One line in Portuguese, without a full stop. */
  summary: string;
  /** What the summary does not say, in Portuguese (Markdown). */
  description?: string;
  /**
   * `session`: a live session is needed; `tss`: a live session, also by the header TokenAuthTSS, or token and secret in Basic; `credentials`: the
   * handler reads token and secret itself; `operator`: the operator's key is needed; `none`: anybody.
   */
  access: 'session' | 'tss' | 'credentials' | 'operator' | 'none';
  /** The credential has one of these (route-escopos.ts); without it any may. */
  escopos?: readonly Escopo[];
  /** An entity may call as well, by the headers CNPJ and TOKEN: always with the scopes emissao and leitura. */
  entidade?: true;
  /**
   * `xml`, `xml-json`: the raw body is read (type and size checked) before the handler; `any`: read, whatever its type and though it be empty;
   * `none`: not read for it.
   */
  body: 'xml' | 'xml-json' | 'any' | 'none';
  /** Of a body of `any` kind, by media type: what it may be. For the description only. */
  bodyTypes?: Readonly<Record<string, { schema: Joi.Schema; example: unknown }>>;
  /** What a body of `xml-json` is. */
  bodyForms?: BodyForms;
  /** The path is matched in any letter case: the service of old does so. */
  anyCase?: boolean;
  /** `session`: the small per-address window of the session routes; without it the general ones, per address and per account. */
  limit?: 'session';
  /** Checked before the handler, which reads the result in `exchange.query`. */
  query?: Joi.ObjectSchema;
  /** Headers of the request that mean something on this route, keys in their usual spelling. For the description only. */
  requestHeaders?: Joi.ObjectSchema;
  answers: Record<number, Answer>;
  /** What the handler itself may refuse; those that every route of its kind has (session, body, query, database) are implied. */
  problems: readonly ProblemCode[];
  handler: (exchange: Exchange) => Promise<void>;
}

export type Params = Record<string, string>;

export type Match = { kind: 'found'; route: Route; params: Params } | { kind: 'method'; allow: string[] } | { kind: 'none' };

/** Compiles the table once. Throws when a parameter has no pattern: an unconstrained parameter would swallow literals of later routes. */
export function compileRoutes(routes: readonly Route[], patterns: Record<string, RegExp>): (method: string, path: string) => Match {
  const rows = routes.map((route) => ({
    route,
    regex: compilePath(route.path, patterns, route.anyCase),
    literals: literalCount(route.path),
  }));
  // Literals first, whatever the order of the table: `recebidos` must never be read as a parameter.
  rows.sort((a, b) => b.literals - a.literals);

  return (method, rawPath) => {
    const path = stripTrailingSlashes(rawPath);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const allow = new Set<string>();
    for (const { route, regex } of rows) {
      const hit = regex.exec(path);
      if (!hit) continue;
      if (route.method === wanted) return { kind: 'found', route, params: { ...hit.groups } };
      allow.add(route.method);
      if (route.method === 'GET') allow.add('HEAD');
    }
    return allow.size > 0 ? { kind: 'method', allow: [...allow, 'OPTIONS'].sort() } : { kind: 'none' };
  };
}

/** The regular expression of a table path, anchored, with one named group per parameter. */
export function compilePath(path: string, patterns: Record<string, RegExp>, anyCase = false): RegExp {
  const source = path.replace(/:([A-Za-z]+)|[.*+?^${}()|[\]\\]/g, (token: string, name: string | undefined) => {
    if (name === undefined) return `\\${token}`;
    const pattern = patterns[name];
    if (!pattern) throw new Error(`route ${path}: parameter :${name} has no pattern`);
    return `(?<${name}>${pattern.source})`;
  });
  return new RegExp(`^${source}$`, anyCase ? 'i' : '');
}

function literalCount(path: string): number {
  return path.split('/').filter((segment) => segment !== '' && !segment.startsWith(':')).length;
}

function stripTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === 0x2f) end -= 1;
  return path.slice(0, end);
}
