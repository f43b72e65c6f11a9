import { type AcceptDeps, createAcceptDocument } from './accept-document.ts';
import { conditionally } from './conditional-route.ts';
import { emitQuery } from './contingencia/substituicao.ts';
import { LIST_EXAMPLE } from './examples/answers.data.ts';
import { createLocate, createShowAttempts, createShowDocument, createShowXml, type FindDeps } from './find-document.ts';
import { documentsQuery } from './list-documents.query.ts';
import { createListDocuments, type ListDeps } from './list-documents.ts';
import { pageSchema } from './pages.ts';
import { KEY_PROBLEMS, postHeaders } from './post-headers.ts';
import { documentSchema, ledgerSchema, listedDocumentSchema } from './present-document.schema.ts';
import type { ProblemCode } from './problems.ts';
import { XML_PROBLEMS } from './read-xml.ts';
import { EMITS, READS } from './route-escopos.ts';
import type { Answer, Route } from './routing.ts';

const DOCS = '/api/empresas/:empresa/docs/:ambiente/:codModelo';
const NUMERO = `${DOCS}/:ano/:serie/:numero`;
const CHAVE = `${DOCS}/:chaveAcesso`;

const SAMPLE_DOCS = '/api/empresas/07385111000102/docs/hom/55';
const SAMPLE_NUMERO = `${SAMPLE_DOCS}/2026/1/4711`;
const SAMPLE_CHAVE = `${SAMPLE_DOCS}/35261107385111000102550010000047111000000427`;

const DOCUMENT: Answer = { description: 'O documento.', schema: documentSchema };
const PAGE: Answer = {
  description: 'Uma página da lista.',
  schema: pageSchema(listedDocumentSchema).meta({ component: 'Documentos' }).example(LIST_EXAMPLE),
};
const LEDGER: Answer = { description: 'Cada chamada feita à SEFAZ pelo documento.', schema: ledgerSchema };
const XML: Answer = { description: 'O XML processado, com os bytes assinados e o protocolo.', type: 'application/xml' };

/** Said of a posted document before anything is stored. */
export const BODY_PROBLEMS = [
  ...XML_PROBLEMS,
  ...['raiz-invalida', 'namespace-invalido', 'lote-invalido', 'identificacao-invalida'],
  ...['empresa-divergente', 'ambiente-divergente', 'modelo-divergente', 'conteudo-assinado'],
] as ProblemCode[];

const EMITTING = `Recebe o XML sem assinatura (\`NFe\` ou \`enviNFe\`), completa, assina, valida e transmite à SEFAZ. O que o ponto de venda já assinou e entregou em contingência (tpEmis diferente de 1) é conferido e transmitido sem mudar um byte.

O mesmo conteúdo outra vez responde a situação atual: repetir não duplica o documento. Um XML bem formado cujo conteúdo é inválido é um resultado (\`Arquivo inválido\`, com \`faults\`), não um erro HTTP.`;

const LISTING = `Em ordem de chegada, da mais antiga à mais nova; o que chega depois não muda as páginas anteriores. As linhas não trazem \`conteudo\`: o XML está no caminho de \`documento\`.

Com \`de\` e \`ate\` juntos, até 200 dias, a busca por período é mais rápida.`;

/** Emission, the list, and the documents by number and by key. */
export function documentRoutes(documents: AcceptDeps & FindDeps & ListDeps): Route[] {
  const locate = createLocate(documents);
  const show = createShowDocument(documents, locate);
  const showXml = createShowXml(documents, locate);
  const showAttempts = createShowAttempts(locate);

  const found = { ...conditionally(DOCUMENT), problems: ['documento-desconhecido'] } satisfies Partial<Route>;
  const foundXml = { ...conditionally(XML), problems: ['documento-desconhecido', 'xml-indisponivel'] } satisfies Partial<Route>;
  const read = { method: 'GET', tag: 'Documentos', access: 'session', escopos: READS, body: 'none' } as const;
  const ofEntidade = { ...read, entidade: true } as const;

  return [
    {
      ...{ method: 'POST', path: DOCS, sample: SAMPLE_DOCS, tag: 'Documentos', access: 'session', body: 'xml' },
      ...{ escopos: EMITS, entidade: true },
      ...{ id: 'emitirDocumento', summary: 'Emite um documento', description: EMITTING },
      query: emitQuery,
      requestHeaders: postHeaders,
      answers: {
        200: { ...DOCUMENT, description: 'A situação final do documento.', headers: { Location: 'Caminho do documento.' } },
        202: { ...DOCUMENT, description: 'Recebido; consulte o caminho em `Location`.', headers: { Location: 'Caminho do documento.' } },
      },
      problems: [
        'modelo-nao-suportado',
        'empresa-desconhecida',
        'cliente-bloqueado',
        ...(['identidade-em-conflito', 'serie-reservada', 'substituicao-nao-admitida', 'documento-desconhecido'] as const),
        ...KEY_PROBLEMS,
        ...BODY_PROBLEMS,
      ],
      handler: createAcceptDocument(documents),
    },
    {
      ...{ path: DOCS, sample: SAMPLE_DOCS, ...read, id: 'listarDocumentos', summary: 'Lista os documentos de uma empresa' },
      description: LISTING,
      query: documentsQuery,
      ...conditionally(PAGE),
      problems: ['empresa-desconhecida'],
      handler: createListDocuments(documents),
    },
    {
      ...{ path: NUMERO, sample: SAMPLE_NUMERO, ...ofEntidade, ...found },
      ...{ id: 'consultarDocumentoPorNumero', summary: 'Mostra um documento, por número', handler: show },
    },
    {
      ...{ path: `${NUMERO}.xml`, sample: `${SAMPLE_NUMERO}.xml`, ...ofEntidade, ...foundXml },
      ...{ id: 'baixarXmlPorNumero', summary: 'Baixa o XML processado, por número', handler: showXml },
    },
    {
      ...{ path: CHAVE, sample: SAMPLE_CHAVE, ...ofEntidade, ...found },
      ...{ id: 'consultarDocumentoPorChave', summary: 'Mostra um documento, por chave', handler: show },
    },
    {
      ...{ path: `${CHAVE}.xml`, sample: `${SAMPLE_CHAVE}.xml`, ...ofEntidade, ...foundXml },
      ...{ id: 'baixarXmlPorChave', summary: 'Baixa o XML processado, por chave', handler: showXml },
    },
    {
      ...{ path: `${CHAVE}/tentativas`, sample: `${SAMPLE_CHAVE}/tentativas`, ...read },
      ...{ id: 'consultarTentativas', summary: 'Mostra as chamadas feitas à SEFAZ por um documento' },
      ...conditionally(LEDGER),
      problems: ['documento-desconhecido'],
      handler: showAttempts,
    },
  ];
}
