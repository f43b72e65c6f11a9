import { problemsOf } from './implied-problems.ts';
import { type Components, exampleOf, type JsonSchema, outputSchema, parametersOf } from './openapi-schema.ts';
import { PARAMETERS, PATH_PARAMETERS } from './path-parameters.ts';
import { problemSchema, tooManySchema } from './problems.schema.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';
import { type Answer, type BodyForms, compilePath, type Route, type Tag } from './routing.ts';
import { credentialsSchema } from './session-routes.schema.ts';

export interface DescriptionInput {
  routes: readonly Route[];
  version: string;
  /** Values shown for path parameters; the others come from the sample of the route. */
  parameters: Record<string, string>;
  /** The XML shown for a route that takes one. */
  xml: string;
}

const TAGS: Record<Tag, string> = {
  Sessão: 'Abrir, renovar e encerrar a sessão com que as outras chamadas se identificam.',
  Documentos: 'Emitir documentos fiscais e consultá-los por número ou por chave.',
  Eventos: 'Cancelar, corrigir e completar documentos autorizados, e consultar o que foi registrado.',
  Inutilização: 'Declarar à SEFAZ os números que não serão usados, e achar os que faltam.',
  Contingência: 'Emitir quando a SEFAZ não atende: o que cada conta quer, o que vale agora, e o que ainda falta transmitir.',
  Conta: 'O que diz respeito à conta inteira.',
  Empresas: 'As empresas da conta: cadastro, certificado e CSC.',
  Entidades: 'Os estabelecimentos que um sistema de contratos bloqueia e libera, com as chamadas do TOTVS TSS.',
  Operação: 'A situação do Malote, para quem o opera.',
  Descrição: 'Esta descrição, para pessoas e para programas.',
};

const SECURITY_SCHEMES = {
  sessao: { type: 'apiKey', in: 'header', name: 'x-auth-token', description: 'O token que `POST /session` respondeu.' },
  portador: { type: 'http', scheme: 'bearer', description: 'O mesmo token, em `Authorization: Bearer`.' },
  sessaoTss: { type: 'apiKey', in: 'header', name: 'TokenAuthTSS', description: 'O mesmo token, nas chamadas do TSS.' },
  cnpjDaEntidade: { type: 'apiKey', in: 'header', name: 'CNPJ', description: 'CNPJ ou CPF da entidade; com `TOKEN`.' },
  tokenDaEntidade: { type: 'apiKey', in: 'header', name: 'TOKEN', description: 'O TOKEN da entidade, de `POST /rest/RestGetToken`.' },
  credencial: { type: 'http', scheme: 'basic', description: 'Usuário: o token da credencial. Senha: o secret.' },
};

const BY_SESSION: Record<string, string[]>[] = [{ sessao: [] }, { portador: [] }];
const SECURITY: Record<Route['access'], Record<string, string[]>[]> = {
  session: BY_SESSION,
  tss: [...BY_SESSION, { sessaoTss: [] }, { credencial: [] }],
  // Empty: token and secret may be in the body instead.
  credentials: [{ credencial: [] }, {}],
  // No part of what ERPs are told: the table is described without these rows.
  operator: [],
  none: [],
};

const securityOf = ({ access, entidade }: Route): Record<string, string[]>[] => [
  ...SECURITY[access],
  ...(entidade ? [{ cnpjDaEntidade: [], tokenDaEntidade: [] }] : []),
];

/** Those that a route names. */
function schemesOf(routes: readonly Route[]): Record<string, unknown> {
  const used = new Set(routes.flatMap((route) => securityOf(route).flatMap((way) => Object.keys(way))));
  return Object.fromEntries(Object.entries(SECURITY_SCHEMES).filter(([name]) => used.has(name)));
}

const RATE_LIMITS = {
  'RateLimit-Limit': 'Requisições que a janela de 5 minutos admite.',
  'RateLimit-Remaining': 'Quantas ainda restam nela.',
  'RateLimit-Reset': 'Segundos até o fim dela.',
};

const RATE_HEADERS = mapValues(RATE_LIMITS, (_, name) => ({ $ref: `#/components/headers/${name}` }));

const PROBLEM_TYPE = 'application/problem+json';

/** The OpenAPI 3.1 description of a routing table. Pure: equal tables give equal documents. */
export function describeApi(input: DescriptionInput): Record<string, unknown> {
  const components: Components = { schemas: {} };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of input.routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, input, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Malote',
      version: input.version,
      summary: 'Emissão e recebimento de documentos fiscais eletrônicos.',
      description: 'Abra uma sessão com `POST /session` e envie o token dela em `x-auth-token` nas outras chamadas.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS)
      .filter(([name]) => input.routes.some(({ tag }) => tag === name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.schemas,
      headers: mapValues(RATE_LIMITS, (text) => header(text, 'integer')),
      securitySchemes: schemesOf(input.routes),
    },
  };
}

function operation(route: Route, input: DescriptionInput, components: Components): Record<string, unknown> {
  const parameters = [...pathParameters(route, input), ...otherParameters(route)];
  const body = requestBody(route, input, components);
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: securityOf(route),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(route, components),
  };
}

function pathParameters(route: Route, input: DescriptionInput): Record<string, unknown>[] {
  const sample = compilePath(route.path, PARAMETERS).exec(route.sample)?.groups ?? {};
  return Object.keys(sample).map((name) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name]?.description,
    schema: patternSchema(PATH_PARAMETERS[name]?.pattern.source ?? ''),
    // A key says its model: that of a till is another one.
    example:
      route.shown?.[name] ?? input.parameters[name === 'chaveAcesso' && sample.codModelo === '65' ? 'chaveNfce' : name] ?? sample[name],
  }));
}

/** A pattern that is a list of words is shown as one. */
function patternSchema(source: string): JsonSchema {
  if (/^[\w\\.-]+(\|[\w\\.-]+)*$/.test(source)) return { type: 'string', enum: source.replaceAll('\\', '').split('|') };
  return { type: 'string', pattern: `^(?:${source})$` };
}

function otherParameters({ query, requestHeaders }: Route): Record<string, unknown>[] {
  return [
    ...(query ? parametersOf(query).map((parameter) => ({ in: 'query', ...described(parameter) })) : []),
    ...(requestHeaders ? parametersOf(requestHeaders).map((parameter) => ({ in: 'header', ...described(parameter) })) : []),
  ];
}

/** The text of a parameter stands beside its schema, where readers look for it. */
function described({ name, required, schema: { description, ...schema } }: { name: string; required: boolean; schema: JsonSchema }) {
  return { name, required, ...(description === undefined ? {} : { description }), schema };
}

function requestBody(route: Route, { xml }: DescriptionInput, components: Components): Record<string, unknown> | undefined {
  if (route.body === 'xml') {
    const content = { schema: { type: 'string' }, example: xml };
    return { required: true, content: { 'application/xml': content, 'text/xml': content } };
  }
  if (route.bodyTypes) {
    const content = mapValues(route.bodyTypes, ({ schema, example }) => ({ schema: outputSchema(schema, components), example }));
    return { required: true, content };
  }
  if (route.bodyForms) return { required: true, content: contentOf(route.bodyForms, components) };
  if (route.access !== 'credentials') return undefined;
  return {
    required: false,
    description: 'Só quando não há `Authorization: Basic`.',
    content: { 'application/json': { schema: outputSchema(credentialsSchema, components) } },
  };
}

/** Both forms of a body, each with its examples. */
function contentOf({ json, examples }: BodyForms, components: Components): Record<string, unknown> {
  const shown = (form: 'xml' | 'json') =>
    Object.fromEntries(
      Object.entries(examples).flatMap(([name, { summary, [form]: value }]) => (value === undefined ? [] : [[name, { summary, value }]])),
    );
  const xml = { schema: { type: 'string' }, examples: shown('xml') };
  return {
    'application/json': { schema: outputSchema(json, components), examples: shown('json') },
    ...{ 'application/xml': xml, 'text/xml': xml },
  };
}

function responses(route: Route, components: Components): Record<string, unknown> {
  const answers = Object.entries(route.answers).map(([status, answer]) => [status, response(answer, components)]);
  const refusals = Object.entries(Object.groupBy(problemsOf(route), (codigo) => String(PROBLEMS[codigo].status))).map(([status, codes]) => [
    status,
    refusal(codes ?? [], components),
  ]);
  const byStatus: Record<string, Response> = {};
  for (const [status, one] of [...answers, ...refusals, ['429', limitExceeded(components)]] as [string, Response][]) {
    byStatus[status] = merged(byStatus[status], one);
  }
  return byStatus;
}

interface Response {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}

/** One status may be an answer in the form of the service and a problem in ours: the media type tells which. */
function merged(one: Response | undefined, other: Response): Response {
  if (!one) return other;
  // A problem may come before anything is counted.
  const headers = mapValues(RATE_LIMITS, (text) => ({ ...header(text, 'integer'), required: false }));
  return { description: `${one.description}\n\n${other.description}`, headers, content: { ...one.content, ...other.content } };
}

function response(answer: Answer, components: Components): Record<string, unknown> {
  const { description, schema, type, also = {}, headers = {} } = answer;
  const own = type ?? (schema ? 'application/json' : undefined);
  const content = {
    ...(own === undefined ? {} : { [own]: media(schema, components, own) }),
    ...Object.fromEntries(Object.entries(also).map(([other, its]) => [other, media(its, components)])),
  };
  return {
    description,
    headers: { ...mapValues(headers, (text) => header(text)), ...RATE_HEADERS },
    ...(own === undefined ? {} : { content }),
  };
}

function media(schema: Answer['schema'], components: Components, type = ''): Record<string, unknown> {
  if (!schema) return { schema: /pdf|octet-stream/.test(type) ? { type: 'string', format: 'binary' } : { type: 'string' } };
  const example = exampleOf(schema);
  return { schema: outputSchema(schema, components), ...(example === undefined ? {} : { example }) };
}

function refusal(codes: readonly ProblemCode[], components: Components): Record<string, unknown> {
  const [first] = codes;
  if (first === undefined) throw new Error('a refusal without a code');
  const schema = { allOf: [outputSchema(problemSchema, components), { properties: { codigo: { enum: codes } } }] };
  const { status, title } = PROBLEMS[first];
  const example = {
    type: `/problemas/${first}`,
    title,
    status,
    detail: `${title}.`,
    instance: '4bf92f3577b34da6a3ce929d0e0e4736',
    codigo: first,
  };
  return {
    description: codes.map((codigo) => `\`${codigo}\`: ${PROBLEMS[codigo].title}.`).join('\n\n'),
    content: { [PROBLEM_TYPE]: { schema, example } },
  };
}

function limitExceeded(components: Components): Record<string, unknown> {
  return {
    description: 'Requisições demais em 5 minutos.',
    headers: { 'Retry-After': header('Segundos até a próxima janela.', 'integer'), ...RATE_HEADERS },
    content: { 'application/json': media(tooManySchema, components) },
  };
}

const header = (description: string, type = 'string') => ({ description, required: true, schema: { type } });

function mapValues<T, U>(record: Record<string, T>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
