import { ESCPOS, PDF } from './answer-print.ts';
import { conditionally } from './conditional-route.ts';
import { createLocate, type FindDeps } from './find-document.ts';
import { createPreviewDocument, type PreviewDeps, previewQuery } from './preview-document.ts';
import { createShowEscpos, createShowPdf, danfeQuery, escposQuery, type PrintDeps } from './print-document.ts';
import { EMITS, READS } from './route-escopos.ts';
import { BODY_PROBLEMS } from './routes-documents.ts';
import type { Answer, Route } from './routing.ts';

const DOCS = '/api/empresas/:empresa/docs/:ambiente/:codModelo';
const NUMERO = `${DOCS}/:ano/:serie/:numero`;
const CHAVE = `${DOCS}/:chaveAcesso`;

const EMPRESA = '07385111000102';
const SAMPLE_NUMERO = `/api/empresas/${EMPRESA}/docs/hom/55/2026/1/4711`;
const SAMPLE_CHAVE = `/api/empresas/${EMPRESA}/docs/hom/55/35261107385111000102550010000047111000000427`;
const TILL_NUMERO = `/api/empresas/${EMPRESA}/docs/hom/65/2026/1/4711`;
const TILL_CHAVE = `/api/empresas/${EMPRESA}/docs/hom/65/35261107385111000102650010000047111000000420`;

const FILE = { 'Content-Disposition': 'Nome proposto para o arquivo.' };
const DANFE: Answer = { description: 'O DANFE em PDF.', type: PDF, headers: FILE };
const COMMANDS: Answer = { description: 'Os bytes a enviar à impressora.', type: ESCPOS, headers: FILE };

const PRINTING = `De um documento autorizado, cancelado (com a marca) ou denegado (com a marca), e do emitido em contingência off-line ou FS-DA que espera a transmissão.

O mesmo documento dá sempre os mesmos bytes.`;

const TILL = `Comandos ESC/POS da NFC-e (e da NF-e com DANFE Simplificado Tipo 2) para a impressora do caixa, com o QR Code; a página de código é a Windows-1252.`;

const PREVIEWING = `Recebe o mesmo XML sem assinatura que a emissão e responde o DANFE marcado como prévia, sem valor fiscal. Nada é gravado, nenhum número é usado e a SEFAZ não é chamada.

Sem QR Code, e sem chave de acesso quando o XML não traz \`cNF\` nem \`Id\`: elas nascem na emissão. O esquema (XSD) e o certificado só são conferidos na emissão.`;

/** What is printed of documents. */
export function printRoutes(documents: FindDeps & PrintDeps & PreviewDeps): Route[] {
  const locate = createLocate(documents);
  const read = { method: 'GET', tag: 'Documentos', access: 'session', escopos: READS, body: 'none' } as const;
  const problems: Route['problems'] = ['documento-desconhecido', 'impressao-indisponivel'];
  const pdf = {
    ...{ ...read, problems, description: PRINTING, query: danfeQuery, ...conditionally(DANFE) },
    handler: createShowPdf(documents, locate),
  };
  const till = {
    ...{ ...read, problems, description: TILL, query: escposQuery, ...conditionally(COMMANDS) },
    handler: createShowEscpos(documents, locate),
  };
  return [
    {
      ...{ method: 'POST', path: `${DOCS}/previa`, sample: `/api/empresas/${EMPRESA}/docs/hom/55/previa` },
      ...{ tag: 'Documentos', access: 'session', escopos: EMITS, body: 'xml', query: previewQuery },
      ...{ id: 'verPrevia', summary: 'Mostra o DANFE de um XML antes da emissão', description: PREVIEWING },
      answers: { 200: { ...DANFE, description: 'O DANFE em PDF, marcado como prévia.' } },
      problems: ['modelo-nao-suportado', 'empresa-desconhecida', 'conteudo-invalido', ...BODY_PROBLEMS],
      handler: createPreviewDocument(documents),
    },
    {
      ...{ ...pdf, path: `${NUMERO}.pdf`, sample: `${SAMPLE_NUMERO}.pdf` },
      ...{ id: 'baixarPdfPorNumero', summary: 'Imprime o DANFE em PDF, por número' },
    },
    {
      ...{ ...pdf, path: `${CHAVE}.pdf`, sample: `${SAMPLE_CHAVE}.pdf` },
      ...{ id: 'baixarPdfPorChave', summary: 'Imprime o DANFE em PDF, por chave' },
    },
    {
      ...{ ...till, path: `${NUMERO}.escpos`, sample: `${TILL_NUMERO}.escpos` },
      ...{ id: 'baixarEscposPorNumero', summary: 'Imprime a NFC-e em ESC/POS, por número' },
    },
    {
      ...{ ...till, path: `${CHAVE}.escpos`, sample: `${TILL_CHAVE}.escpos` },
      ...{ id: 'baixarEscposPorChave', summary: 'Imprime a NFC-e em ESC/POS, por chave' },
    },
  ];
}
