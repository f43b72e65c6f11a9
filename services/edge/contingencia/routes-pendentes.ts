import { conditionally } from '../conditional-route.ts';
import { DOCUMENT_EXAMPLE } from '../examples/answers.data.ts';
import { createLocate, type FindDeps } from '../find-document.ts';
import { pageSchema } from '../pages.ts';
import { preferHeaders } from '../post-headers.ts';
import { documentSchema } from '../present-document.schema.ts';
import type { ProblemCode } from '../problems.ts';
import { XML_PROBLEMS } from '../read-xml.ts';
import { EMITS, READS } from '../route-escopos.ts';
import type { Answer, Route } from '../routing.ts';
import { type CorrecaoDeps, createCorrect } from './correcao.ts';
import { createListPendentes, type PendentesDeps, pendenteSchema, pendentesQuery } from './pendentes.ts';
import { createShowSefaz, quadroSchema, type SefazSituacaoDeps } from './sefaz-situacao.ts';

export type PendentesRoutesDeps = CorrecaoDeps & FindDeps & PendentesDeps & SefazSituacaoDeps;

const PENDENTES = '/api/empresas/:empresa/contingencia/pendentes';
const CORRECAO = '/api/empresas/:empresa/docs/:ambiente/:codModelo/:chaveAcesso/correcao';
const SAMPLE = '/api/empresas/07385111000102';
const SEFAZ = '/api/sefaz/situacao';

const CORRECTING = `De uma nota emitida em contingência que a SEFAZ recusou na transmissão: o XML corrigido, sem assinatura, no namespace oficial. O Malote assina de novo, com a mesma chave, e transmite.

Série, número, \`cNF\`, \`tpEmis\`, \`dhEmi\` e \`dhCont\` ficam os da nota emitida (o que o Malote completa pode faltar). Partes, bases, alíquotas, quantidades, valores e datas não mudam: cada campo mudado é dito em \`faults\` (422). \`danfeAlterado: true\` na resposta pede outra impressão.`;

const { conteudo: _conteudo, ...row } = DOCUMENT_EXAMPLE;
const PENDENTE_EXAMPLE = {
  ...{ ...row, codModelo: '65', status: 'Emitida em contingência', tipoEmissao: '9', protocolo: null, dataAutorizacao: null },
  ...{ codigoStatus: null, motivo: null },
  contingencia: {
    ...{ modo: 'OFFLINE', desde: '2026-11-21T12:58:00.000Z', emitidaEm: '2026-11-21T13:00:04.000Z' },
    ...{ transmitirAte: '2026-11-24T02:59:59.000Z', epec: null },
  },
  documento: '/api/empresas/07385111000102/docs/hom/65/2026/77/261121',
  pendenteDesde: '2026-11-21T13:00:04.000Z',
};

/** Notes that are still to be transmitted, their correction, and how SEFAZ does. */
export function pendentesRoutes(deps: PendentesRoutesDeps): Route[] {
  const documento: Answer = { description: 'O documento.', schema: documentSchema, headers: { Location: 'Caminho do documento.' } };
  const page = pageSchema(pendenteSchema).meta({ component: 'Pendentes' });
  const example = { numeroElementos: 1, totalElementos: 1, registros: [PENDENTE_EXAMPLE] };
  return [
    {
      ...{ method: 'GET', path: PENDENTES, sample: `${SAMPLE}/contingencia/pendentes`, tag: 'Contingência', access: 'session' },
      ...{ body: 'none', escopos: READS, id: 'listarPendentes', summary: 'Lista as notas emitidas em contingência e não autorizadas' },
      description: 'Na ordem de emissão: as que ainda serão transmitidas e as recusadas que esperam correção.',
      query: pendentesQuery,
      ...conditionally({ description: 'Uma página.', schema: page.example(example) }),
      ...{ problems: ['empresa-desconhecida'], handler: createListPendentes(deps) },
    },
    {
      ...{ method: 'PUT', path: CORRECAO, sample: `${SAMPLE}/docs/hom/65/35261107385111000102650010000047119000000425/correcao` },
      ...{ tag: 'Contingência', access: 'session', body: 'xml', escopos: EMITS, requestHeaders: preferHeaders },
      ...{ id: 'corrigirDocumento', summary: 'Corrige uma nota emitida em contingência e recusada', description: CORRECTING },
      answers: {
        200: { ...documento, description: 'A situação final.' },
        202: { ...documento, description: 'Recebida; consulte o caminho em `Location`.' },
      },
      problems: [
        ...['documento-desconhecido', 'correcao-nao-admitida', 'correcao-recusada', ...XML_PROBLEMS],
        ...['raiz-invalida', 'namespace-invalido', 'lote-invalido', 'identificacao-invalida'],
      ] as ProblemCode[],
      handler: createCorrect(deps, createLocate(deps)),
    },
    {
      ...{ method: 'GET', path: SEFAZ, sample: SEFAZ, tag: 'Contingência', access: 'session', body: 'none', escopos: READS },
      ...{ id: 'consultarSituacaoSefaz', summary: 'Mostra como cada serviço da SEFAZ vem respondendo' },
      description: 'Feito do tráfego real do Malote nos últimos minutos, não de consultas de status.',
      ...conditionally({ description: 'O quadro.', schema: quadroSchema }),
      ...{ problems: [], handler: createShowSefaz(deps) },
    },
  ];
}
