import { LARGURAS } from '@malote/danfe/print-danfe';
import { UFS } from '@malote/fiscal/model/uf';
import Joi from 'joi';
import { CSC_EXAMPLE, EMPRESA_EXAMPLE } from './examples/empresas.data.ts';

const uf = () => Joi.string().valid(...Object.keys(UFS));
const texto = (max: number) => Joi.string().min(1).max(max);
const instant = () => Joi.string().isoDate().required();

const urls = () =>
  Joi.object({
    qrCode: texto(200).required().description('Com http:// ou https://, até antes de `?p=`.'),
    urlChave: Joi.string().min(21).max(85).required().description('Impressa e gravada como está.'),
  });

const inscricao = Joi.object({ uf: uf().required(), ie: texto(30).required().description('Com ou sem máscara, ou ISENTO.') });

const danfe = () =>
  Joi.object({
    orientacao: Joi.string().valid('retrato', 'paisagem').description('Da NF-e que pede A4; padrão: a do tpImp.'),
    larguraCupom: Joi.number()
      .valid(...LARGURAS)
      .description('Papel do DANFE NFC-e, em mm; padrão 80.'),
    semCanhoto: Joi.boolean().description('NF-e sem o canhoto.'),
    semItens: Joi.boolean().description('DANFE NFC-e sem os itens, onde a UF e o consumidor o admitem.'),
    vias: Joi.number().valid(1, 2).description('Vias do DANFE NFC-e em contingência off-line; padrão 2.'),
  });

const nullable = <T extends Joi.Schema>(schema: T): T => schema.allow(null) as T;

/** What may be given of a company. For the description only: the rules are those of packages/administration/read-empresa.ts. */
export const empresaBodySchema = Joi.object({
  razaoSocial: texto(150).required(),
  nomeFantasia: nullable(texto(150)),
  uf: uf().required().description('UF da inscrição principal.'),
  ie: nullable(texto(30)).description('Inscrição estadual nesta UF, com ou sem máscara, ou ISENTO.'),
  outrasInscricoes: nullable(Joi.array().items(inscricao).max(50)).description(
    'Além da principal: em outras UFs (substituto) ou na mesma.',
  ),
  municipio: nullable(Joi.string().pattern(/^[0-9]{7}$/)).description('Código do IBGE, desta UF.'),
  crt: nullable(Joi.string().valid('1', '2', '3', '4')).description(
    'Regime: 1 Simples Nacional, 2 Simples com excesso de sublimite, 3 normal, 4 MEI.',
  ),
  nfce: nullable(
    Joi.object({
      qrVersion: nullable(Joi.string().valid('2', '3')).description('Padrão: 2 se houver CSC, senão 3.'),
      urls: nullable(Joi.object({ hom: nullable(urls()), prod: nullable(urls()) })).description('No lugar dos endereços da UF.'),
    }),
  ),
  danfe: nullable(danfe()).description('O que vale na impressão quando a chamada não o diz.'),
  lacunas: nullable(
    Joi.object({
      politica: nullable(Joi.string().valid('propor', 'inutilizar')),
      justificativa: nullable(Joi.string().min(15).max(255)),
    }),
  ),
  logo: nullable(Joi.string()).description(
    'PNG ou JPEG em base64, até 200 kB e 1.500 pontos de lado. Ausente: fica como está; null: retira.',
  ),
}).meta({ component: 'CadastroEmpresa' });

/** A company as it is shown. */
export const empresaSchema = Joi.object({
  empresa: Joi.string().required().description('CNPJ ou CPF.'),
  razaoSocial: Joi.string().required(),
  nomeFantasia: nullable(Joi.string()).required(),
  uf: uf().required(),
  ie: nullable(Joi.string()).required(),
  outrasInscricoes: Joi.array()
    .items(Joi.object({ uf: uf().required(), ie: Joi.string().required() }))
    .required(),
  municipio: nullable(Joi.string()).required(),
  crt: nullable(Joi.string().valid('1', '2', '3', '4')).required(),
  nfce: Joi.object({
    qrVersion: nullable(Joi.string().valid('2', '3')).required(),
    urls: Joi.object({ hom: nullable(urls()).required(), prod: nullable(urls()).required() }).required(),
  }).required(),
  danfe: nullable(danfe()).required(),
  lacunas: Joi.object({
    politica: Joi.string().valid('propor', 'inutilizar').required(),
    justificativa: nullable(Joi.string()).required(),
  }).required(),
  fusoHorario: Joi.string().required().description('Da UF (nome da IANA).'),
  temLogo: Joi.boolean().required(),
  temCertificado: Joi.boolean().required(),
  versao: Joi.number().integer().min(1).required().description('Cresce a cada mudança.'),
  ...{ criadaEm: instant(), atualizadaEm: instant() },
})
  .meta({ component: 'Empresa' })
  .example(EMPRESA_EXAMPLE);

const codigo = () =>
  Joi.string()
    .pattern(/^[A-Za-z0-9-]{16,64}$/)
    .required()
    .description('O código que a SEFAZ deu. Guardado cifrado; não sai mais.');

/** What a CSC is created with, and what its code is replaced with. For the description only: the rules are those of administration/csc.ts. */
export const cscBodySchema = Joi.object({
  ambiente: Joi.string().valid('hom', 'prod').required(),
  id: Joi.string()
    .pattern(/^0{0,5}[1-9]$|^[1-9][0-9]{0,5}$/)
    .required()
    .description('De 1 a 6 dígitos; zeros à esquerda são retirados.'),
  codigo: codigo(),
}).meta({ component: 'CadastroCsc' });

export const cscCodeSchema = Joi.object({ codigo: codigo() }).meta({ component: 'CodigoCsc' });

/** A CSC as it is shown. */
export const cscSchema = Joi.object({
  ambiente: Joi.string().valid('hom', 'prod').required(),
  id: Joi.string().required().description('Sem zeros à esquerda.'),
  emUso: Joi.boolean().required().description('Vai nas NFC-e novas do ambiente: o de maior id.'),
  criadoEm: instant(),
})
  .meta({ component: 'Csc' })
  .example(CSC_EXAMPLE);
