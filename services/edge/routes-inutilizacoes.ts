import { type AcceptInutilizacaoDeps, createAcceptInutilizacao } from './accept-inutilizacao.ts';
import { conditionally } from './conditional-route.ts';
import { INUTILIZACAO_BODIES, INUTILIZACAO_SERIE, inutilizacaoJsonSchema } from './examples/inutilizacao-bodies.ts';
import { INUTILIZACOES_EXAMPLE } from './examples/inutilizacoes.data.ts';
import {
  createListInutilizacoes,
  createShowInutilizacao,
  createShowInutilizacaoXml,
  type FindInutilizacaoDeps,
} from './find-inutilizacao.ts';
import { layoutQuery } from './layout-query.ts';
import { pageQuery, pageSchema } from './pages.ts';
import { KEY_PROBLEMS, postHeaders } from './post-headers.ts';
import { inutilizacaoSchema } from './present-inutilizacao.ts';
import type { ProblemCode } from './problems.ts';
import { XML_PROBLEMS } from './read-xml.ts';
import { EMITS, READS } from './route-escopos.ts';
import type { Answer, Route } from './routing.ts';
import { createShowLacunas, type LacunasDeps, lacunasQuery, lacunasSchema } from './show-lacunas.ts';

const ALL = '/api/empresas/:empresa/docs/inutilizacoes/:ambiente';
const SAMPLE_ALL = '/api/empresas/07385111000102/docs/inutilizacoes/hom';
const UMA = `${ALL}/:codModelo/:uf/:ano/:serie/:numero`;
const SAMPLE_UMA = `${SAMPLE_ALL}/55/SP/26/1/4712`;

const LACUNAS = '/api/empresas/:empresa/docs/:ambiente/:codModelo/lacunas';
const SAMPLE_LACUNAS = '/api/empresas/07385111000102/docs/hom/55/lacunas';

const INUTILIZACAO: Answer = { description: 'A inutilização.', schema: inutilizacaoSchema };
const PAGE: Answer = {
  description: 'Uma página da lista.',
  schema: pageSchema(inutilizacaoSchema).meta({ component: 'Inutilizacoes' }).example(INUTILIZACOES_EXAMPLE),
};
const XML: Answer = { description: 'O ProcInutNFe: o pedido assinado e a resposta da SEFAZ.', type: 'application/xml' };

const ASKING = `Declara à SEFAZ que os números da faixa não serão usados, em XML (\`inutNFe\` sem assinatura; \`Id\`, \`versao\` e \`xServ\` opcionais) ou em JSON.

É recusada (\`Rejeitada\`, com \`faults\` que dizem os números) a faixa que contém um número autorizado, de destino desconhecido, ou assinado alguma vez em contingência. Cada número já transmitido é antes consultado na SEFAZ.

O mesmo pedido outra vez responde a situação atual.`;

const GAPS = `Os números que ficam entre o primeiro e o último usados do intervalo e não foram usados, com o que o Malote sabe de cada um. Só propõe: nada é inutilizado sem um pedido, a não ser que a empresa tenha escolhido que o Malote o faça (\`malote company set --lacunas inutilizar\`).

As propostas são as faixas que podem ser inutilizadas, cada uma com o prazo (dia 10 do mês seguinte). Nunca entra nelas um número de destino desconhecido, em processamento ou assinado alguma vez em contingência.`;

const PROBLEMS = [
  ...['modelo-sem-inutilizacao', 'empresa-desconhecida', 'inutilizacao-invalida', 'inutilizacao-em-conflito'],
  ...['modelo-divergente', 'empresa-divergente', 'ambiente-divergente', 'raiz-invalida', 'namespace-invalido', 'conteudo-assinado'],
] as ProblemCode[];

/** Numbers declared void: asked for, shown by any number inside the range, and listed. */
export function inutilizacaoRoutes(deps: AcceptInutilizacaoDeps & FindInutilizacaoDeps & LacunasDeps): Route[] {
  const location = { Location: 'Caminho da inutilização.' };
  const read = { method: 'GET', tag: 'Inutilização', access: 'session', escopos: READS, body: 'none' } as const;
  const shown = { serie: INUTILIZACAO_SERIE };
  const problems = ['inutilizacao-desconhecida', 'modelo-sem-inutilizacao'] as const;
  return [
    {
      ...{ method: 'POST', path: `${ALL}/:codModelo`, sample: `${SAMPLE_ALL}/55`, tag: 'Inutilização', access: 'session', escopos: EMITS },
      ...{ id: 'inutilizar', summary: 'Inutiliza uma faixa de números', description: ASKING },
      ...{ body: 'xml-json', bodyForms: { json: inutilizacaoJsonSchema, examples: INUTILIZACAO_BODIES } },
      query: layoutQuery,
      requestHeaders: postHeaders,
      answers: {
        200: { ...INUTILIZACAO, description: 'A situação final da inutilização.', headers: location },
        202: { ...INUTILIZACAO, description: 'Recebida; consulte o caminho em `Location`.', headers: location },
      },
      problems: [...PROBLEMS, ...KEY_PROBLEMS, ...XML_PROBLEMS],
      handler: createAcceptInutilizacao(deps),
    },
    {
      ...{ path: ALL, sample: SAMPLE_ALL, ...read, id: 'listarInutilizacoes', summary: 'Lista as inutilizações de uma empresa' },
      description: 'Da mais nova à mais antiga.',
      ...{ query: pageQuery, ...conditionally(PAGE), problems: ['empresa-desconhecida'], handler: createListInutilizacoes(deps) },
    },
    {
      ...{ path: UMA, sample: SAMPLE_UMA, shown, ...read, id: 'consultarInutilizacao', summary: 'Mostra a inutilização de um número' },
      description: 'Qualquer número da faixa serve. De mais de um pedido com o número mostra o registrado, ou o último.',
      ...{ ...conditionally(INUTILIZACAO), problems, handler: createShowInutilizacao(deps) },
    },
    {
      ...{ path: `${UMA}.xml`, sample: `${SAMPLE_UMA}.xml`, shown, ...read },
      ...{ id: 'baixarXmlDaInutilizacao', summary: 'Baixa o XML de uma inutilização registrada' },
      ...{ ...conditionally(XML), problems: [...problems, 'xml-indisponivel'], handler: createShowInutilizacaoXml(deps) },
    },
    {
      ...{ path: LACUNAS, sample: SAMPLE_LACUNAS, ...read, id: 'listarLacunas', summary: 'Lista os números não usados de uma série' },
      description: GAPS,
      query: lacunasQuery,
      ...conditionally({ description: 'As lacunas e o que fazer delas.', schema: lacunasSchema }),
      problems: ['empresa-desconhecida', 'modelo-sem-inutilizacao'],
      handler: createShowLacunas(deps),
    },
  ];
}
