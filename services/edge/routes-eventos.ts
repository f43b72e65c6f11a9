import { type AcceptEventoDeps, createAcceptEvento } from './accept-evento.ts';
import { PDF } from './answer-print.ts';
import { conditionally } from './conditional-route.ts';
import { EVENTO_BODIES, eventoJsonSchema } from './examples/evento-bodies.ts';
import { createListEventos, createShowEvento, createShowEventoPdf, createShowEventoXml, type FindEventoDeps } from './find-evento.ts';
import { layoutQuery } from './layout-query.ts';
import { KEY_PROBLEMS, postHeaders } from './post-headers.ts';
import { eventoSchema, eventosSchema } from './present-evento.ts';
import type { ProblemCode } from './problems.ts';
import { XML_PROBLEMS } from './read-xml.ts';
import { ASKS_EVENTOS, READS } from './route-escopos.ts';
import type { Answer, Route } from './routing.ts';

const DOCS = '/api/empresas/:empresa/docs/:ambiente';
const SAMPLE_DOCS = '/api/empresas/07385111000102/docs/hom';
const SAMPLE_CHAVE = '35261107385111000102550010000047111000000427';
const UM = `${DOCS}/:chaveAcesso/eventos/:tpEvento/:nSeqEvento`;
const SAMPLE_UM = `${SAMPLE_DOCS}/${SAMPLE_CHAVE}/eventos/110110/1`;

const EVENTO: Answer = { description: 'O evento.', schema: eventoSchema };
const LIST: Answer = { description: 'Os eventos, na ordem em que chegaram.', schema: eventosSchema };
const XML: Answer = { description: 'O procEventoNFe: o evento assinado e o registro da SEFAZ.', type: 'application/xml' };
const SHEET: Answer = {
  ...{ description: 'A folha do evento em PDF.', type: PDF },
  headers: { 'Content-Disposition': 'Nome proposto para o arquivo.' },
};

const ASKING = `Recebe um evento (cancelamento, carta de correção, ator interessado…) em XML sem assinatura (\`evento\`, ou \`envEvento\` com um só) ou em JSON com \`tipo\`; completa, assina, valida e registra na SEFAZ.

Id, dhEvento, cOrgao, versões e textos fixos são opcionais. Sem nSeqEvento o evento recebe o número seguinte. O documento é o da chave no corpo, que deve ser a do caminho; sem ela, e em JSON, o do caminho.

O mesmo pedido outra vez responde a situação atual: repetir não registra dois eventos. O que as regras ou a SEFAZ recusam é um resultado (\`Arquivo inválido\` ou \`Rejeitado\`, com \`faults\` ou \`codigoStatus\`), não um erro HTTP.`;

const PROBLEMS = [
  ...['modelo-nao-suportado', 'empresa-desconhecida', 'documento-desconhecido', 'documento-nao-autorizado', 'cliente-bloqueado'],
  ...['evento-invalido', 'evento-nao-suportado', 'evento-em-conflito', 'chave-divergente', 'empresa-divergente', 'ambiente-divergente'],
  ...['raiz-invalida', 'namespace-invalido', 'lote-invalido', 'conteudo-assinado'],
] as ProblemCode[];

/** Events: asked for by number or by key of the document, shown by its key. */
export function eventoRoutes(deps: AcceptEventoDeps & FindEventoDeps): Route[] {
  const location = { Location: 'Caminho do evento.' };
  const post = {
    ...({ method: 'POST', tag: 'Eventos', access: 'session', escopos: ASKS_EVENTOS, entidade: true, body: 'xml-json' } as const),
    bodyForms: { json: eventoJsonSchema, examples: EVENTO_BODIES },
    description: ASKING,
    query: layoutQuery,
    requestHeaders: postHeaders,
    answers: {
      200: { ...EVENTO, description: 'A situação final do evento.', headers: location },
      202: { ...EVENTO, description: 'Recebido; consulte o caminho em `Location`.', headers: location },
    },
    problems: [...PROBLEMS, ...KEY_PROBLEMS, ...XML_PROBLEMS],
    handler: createAcceptEvento(deps),
  } satisfies Partial<Route>;
  const read = { method: 'GET', tag: 'Eventos', access: 'session', escopos: READS, body: 'none' } as const;
  const ofEntidade = { ...read, entidade: true } as const;
  const problems = ['documento-desconhecido', 'evento-desconhecido'] as const;

  return [
    {
      ...{ path: `${DOCS}/:codModelo/:ano/:serie/:numero/eventos`, sample: `${SAMPLE_DOCS}/55/2026/1/4711/eventos`, ...post },
      ...{ id: 'pedirEventoPorNumero', summary: 'Pede um evento de um documento, por número' },
    },
    {
      ...{ path: `${DOCS}/:codModelo/:chaveAcesso/eventos`, sample: `${SAMPLE_DOCS}/55/${SAMPLE_CHAVE}/eventos`, ...post },
      ...{ id: 'pedirEventoPorChave', summary: 'Pede um evento de um documento, por chave' },
    },
    {
      ...{ path: `${DOCS}/:chaveAcesso/eventos`, sample: `${SAMPLE_DOCS}/${SAMPLE_CHAVE}/eventos`, ...read },
      ...{ id: 'listarEventos', summary: 'Lista os eventos de um documento' },
      ...conditionally(LIST),
      problems: ['documento-desconhecido'],
      handler: createListEventos(deps),
    },
    {
      ...{ path: UM, sample: SAMPLE_UM, ...ofEntidade, id: 'consultarEvento', summary: 'Mostra um evento' },
      ...{ ...conditionally(EVENTO), problems, handler: createShowEvento(deps) },
    },
    {
      ...{
        path: `${UM}.xml`,
        sample: `${SAMPLE_UM}.xml`,
        ...ofEntidade,
        id: 'baixarXmlDoEvento',
        summary: 'Baixa o XML de um evento registrado',
      },
      ...{ ...conditionally(XML), problems: [...problems, 'xml-indisponivel'], handler: createShowEventoXml(deps) },
    },
    {
      ...{ path: `${UM}.pdf`, sample: `${SAMPLE_UM}.pdf`, ...read, id: 'imprimirEvento', summary: 'Imprime um evento registrado' },
      description: 'A folha da carta de correção e dos cancelamentos; os outros eventos não são impressos.',
      ...{ ...conditionally(SHEET), problems: [...problems, 'impressao-indisponivel'], handler: createShowEventoPdf(deps) },
    },
  ];
}
