import Joi from 'joi';
import { DOCUMENT_EXAMPLE, LEDGER_EXAMPLE } from './examples/answers.data.ts';
import { PARAMETERS } from './path-parameters.ts';
import { RESULT, STATUS } from './present-document.ts';

/** The whole of a path parameter. */
export const anchored = (name: string) => new RegExp(`^(?:${PARAMETERS[name]?.source})$`);

const instant = () => Joi.string().isoDate();
export const cStatSchema = () =>
  Joi.string()
    .pattern(/^[0-9]{3,4}$/)
    .description('cStat da SEFAZ.');
export const count = () => Joi.number().integer().min(0);

export const avisosSchema = Joi.array()
  .items(Joi.object({ cMsg: Joi.string().required(), xMsg: Joi.string().required() }))
  .description('O que o ERP deve ler, embora a situação do documento não dependa disso.');

export const faultSchema = Joi.object({
  code: Joi.string().required().description('Código permanente da regra.'),
  path: Joi.string().allow('').required().description('Lugar no XML.'),
  message: Joi.string().required().description('O que está errado e o que fazer.'),
  norm: Joi.string().allow('').description('Norma de onde vem a regra; vazia, se a regra é do próprio hub.'),
});

/** The fields that identify a document, the same in every object that shows one. */
export const identityKeys = {
  ambiente: Joi.string().valid('hom', 'prod').required(),
  empresa: Joi.string().pattern(anchored('empresa')).required().description('CNPJ ou CPF do emitente.'),
  codModelo: Joi.string().valid('55', '65', '57', '67', '58').required(),
  ano: count().required(),
  serie: count().max(999).required(),
  numero: count().max(999_999_999).required(),
  chaveAcesso: Joi.string().pattern(anchored('chaveAcesso')).allow(null).required().description('Nula até a chave ser formada.'),
  status: Joi.string()
    .valid(...new Set(Object.values(STATUS)))
    .required(),
};

const outroKeys = {
  chaveAcesso: Joi.string().pattern(anchored('chaveAcesso')).allow(null).required().description('Nula até ser assinado.'),
  serie: count().max(999).required(),
  numero: count().max(999_999_999).required(),
  documento: Joi.string().allow(null).required().description('Caminho dele, quando já tem chave.'),
};

/** What presentContingencia shows. */
const contingenciaKeys = {
  contingencia: Joi.object({
    modo: Joi.string().valid('SVC', 'EPEC', 'OFFLINE', 'FSDA').required(),
    desde: instant().required().description('Início da contingência (dhCont).'),
    emitidaEm: instant().allow(null).required().description('Quando pôde ser impressa, antes da autorização.'),
    transmitirAte: instant().allow(null).required().description('Prazo legal da transmissão; o Malote a faz por si.'),
    epec: Joi.object({ protocolo: Joi.string().required(), dataRegistro: Joi.string().required() }).allow(null).required(),
  }).description('Só de um documento emitido, ou sendo emitido, em contingência.'),
  acao: Joi.string()
    .valid('reemitir-com-novo-numero')
    .description('O que o ERP deve fazer: aqui, emitir a mesma venda com outro número, com `?substitui=<chave>`.'),
  danfeAlterado: Joi.boolean().description('A correção mudou algo impresso: reimprima o DANFE.'),
  substitui: Joi.object(outroKeys).description('A nota de destino desconhecido em cujo lugar esta foi emitida.'),
  substituidaPor: Joi.object({
    ...outroKeys,
    situacao: Joi.string()
      .valid('aguarda', 'cancelar', 'inutilizar', 'concluida', 'manual')
      .required()
      .description('Em que pé está a regularização desta nota; em `manual`, uma pessoa tem de agir.'),
  }).description('A nota emitida no lugar desta, que não é mais transmitida.'),
};

const documentKeys = {
  ...identityKeys,
  chaveInformada: Joi.string().pattern(anchored('chaveAcesso')).description('A chave que o ERP informou, quando não é a do documento.'),
  codigoStatus: cStatSchema().allow(null).required(),
  motivo: Joi.string().allow(null, '').required().description('xMotivo da SEFAZ; de um documento cancelado, o do evento que o cancelou.'),
  protocolo: Joi.string().allow(null).required().description('nProt da autorização.'),
  dataEmissao: Joi.string().required().description('dhEmi, como está no XML.'),
  dataAutorizacao: Joi.string().allow(null).required().description('dhRecbto do protocolo.'),
  tipoEmissao: Joi.string()
    .pattern(/^[0-9]$/)
    .allow(null)
    .required()
    .description('tpEmis.'),
  avisos: avisosSchema.required(),
  faults: Joi.array().items(faultSchema).required().description('O que o esquema ou as regras recusaram.'),
  conflito: Joi.object({
    chaveAcesso: Joi.string().required(),
    protocolo: Joi.string().allow(null).required(),
  }).description('O documento de outro sistema que ocupa este número na SEFAZ.'),
  eventos: Joi.string().description('Caminho dos eventos do documento; só de um documento com protocolo.'),
  ...contingenciaKeys,
  tentativas: count().required().description('Chamadas feitas à SEFAZ.'),
};

/** What presentDocument shows. */
export const documentSchema = Joi.object({
  ...documentKeys,
  conteudo: Joi.string()
    .allow(null)
    .required()
    .description('O XML processado (nfeProc), como texto; do emitido em contingência, o XML assinado; nulo até haver um deles.'),
})
  .meta({ component: 'Documento' })
  .example(DOCUMENT_EXAMPLE);

/** A row of a list of documents: no `conteudo`, and where the whole document is. */
export const listedDocumentSchema = Joi.object({
  ...documentKeys,
  documento: Joi.string().required().description('Caminho do documento, onde está o XML.'),
}).meta({ component: 'DocumentoListado' });

const attemptSchema = Joi.object({
  rodada: Joi.number().integer().min(1).required().description('Conta os conteúdos com que o número foi enviado.'),
  tentativa: Joi.number().integer().min(1).required(),
  tipo: Joi.string().valid('autorizacao', 'consulta').required(),
  autorizador: Joi.string().required(),
  servico: Joi.string().required(),
  enviadaEm: instant().required(),
  encerradaEm: instant().allow(null).required(),
  resultado: Joi.string()
    .valid(...Object.values(RESULT))
    .required(),
  codigoStatus: cStatSchema().allow(null).required(),
  motivo: Joi.string().allow(null, '').required(),
  digest: Joi.string().allow(null).required().description('DigestValue do que foi transmitido ou respondido.'),
  duracaoMs: Joi.number().min(0).allow(null).required(),
  trace: Joi.string().required(),
});

/** The attempt ledger of a document. */
export const ledgerSchema = Joi.object({
  chaveAcesso: identityKeys.chaveAcesso,
  status: identityKeys.status,
  tentativas: Joi.array().items(attemptSchema).required().description('Da mais antiga à mais nova.'),
})
  .meta({ component: 'Tentativas' })
  .example(LEDGER_EXAMPLE);

/** One row of the documents being recovered. */
export const recoveringSchema = Joi.object({
  ...identityKeys,
  desde: instant().required(),
  acao: Joi.string().required().description('O que o Malote fará.'),
  proximaAcaoEm: instant().allow(null).required(),
  ultimaTentativa: Joi.object({
    tipo: Joi.string().valid('autorizacao', 'consulta').required(),
    autorizador: Joi.string().required(),
    enviadaEm: instant().required(),
    codigoStatus: cStatSchema().allow(null).required(),
    motivo: Joi.string().allow(null, '').required(),
  })
    .allow(null)
    .required(),
  tentativas: count().required(),
  avisos: avisosSchema.required(),
  documento: Joi.string().required().description('Caminho do documento.'),
});
