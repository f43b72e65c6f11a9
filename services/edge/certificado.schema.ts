import Joi from 'joi';
import { CERTIFICADO_EXAMPLE } from './examples/certificado.data.ts';

const text = () => Joi.string().required();
const instant = () => Joi.string().isoDate().required();
const maybe = (schema: Joi.Schema) => schema.allow(null).required();

const avisoSchema = Joi.object({ codigo: text(), mensagem: text() });

const SHOWN = {
  empresa: text().description('CNPJ ou CPF da empresa.'),
  titular: text().description('Nome (subject) do certificado.'),
  documento: text().description('CNPJ ou CPF que o certificado traz.'),
  emissor: text(),
  emissores: Joi.array()
    .items(Joi.string())
    .required()
    .description('Os que assinam o certificado, do mais próximo à raiz; vazia se o arquivo não os trouxe.'),
  numeroSerie: text().description('Em hexadecimal.'),
  impressaoSha1: maybe(Joi.string()),
  impressaoSha256: text(),
  chaveBits: maybe(Joi.number().integer()),
  validoDe: instant(),
  validoAte: instant(),
  diasRestantes: Joi.number().integer().required().description('Dias inteiros até o fim da validade; negativo depois dele.'),
  situacao: Joi.string().valid('valido', 'vencido', 'ainda-nao-valido').required(),
  cadeia: Joi.string()
    .valid('icp-brasil', 'outra', 'nao-verificada')
    .required()
    .description('Quem responde pelo certificado, como foi conferido na instalação com as raízes que o operador configurou.'),
  ambientes: Joi.array().items(Joi.string().valid('prod', 'hom')).required().description('Onde ele pode assinar.'),
  avisos: Joi.array().items(avisoSchema).required(),
  instaladoEm: maybe(Joi.string().isoDate()).description('`null`: foi só conferido.'),
};

/** The certificate object: of one installed or checked. */
export const certificadoSchema = Joi.object(SHOWN)
  .meta({ component: 'Certificado' })
  .example({ ...CERTIFICADO_EXAMPLE });

const anteriorSchema = Joi.object({
  titular: text(),
  numeroSerie: text(),
  impressaoSha256: text(),
  validoAte: instant(),
  instaladoEm: instant(),
});

const testeSchema = Joi.object({
  autorizador: text(),
  ambiente: Joi.string().valid('prod', 'hom').required(),
  resultado: Joi.string()
    .valid('aceito', 'recusado', 'sem-resposta', 'aguardando', 'nao-testado')
    .required()
    .description(
      '`aceito`: a SEFAZ respondeu com este certificado; `recusado`: recusou a conexão ou o certificado; `aguardando`: é cedo para perguntar de novo.',
    ),
  codigoStatus: maybe(Joi.string()),
  motivo: maybe(Joi.string()),
  em: maybe(Joi.string().isoDate()),
  duracaoMs: maybe(Joi.number().integer()),
  proximoEm: maybe(Joi.string().isoDate()).description('Antes disso o autorizador não pode ser perguntado de novo.'),
});

/** The same with its history and its tests. */
export const certificadoDescritoSchema = Joi.object({
  ...SHOWN,
  anteriores: Joi.array()
    .items(anteriorSchema)
    .required()
    .description('Os que já foram usados; documentos em andamento terminam com o que os assinou.'),
  testes: Joi.array().items(testeSchema).required(),
})
  .meta({ component: 'CertificadoDescrito' })
  .example({
    ...CERTIFICADO_EXAMPLE,
    anteriores: [],
    testes: [
      {
        ...{ autorizador: 'SP', ambiente: 'prod', resultado: 'aceito', codigoStatus: '107', motivo: 'Serviço em Operação' },
        ...{ em: '2026-11-20T13:00:04.120Z', duracaoMs: 312, proximoEm: '2026-11-20T13:03:04.120Z' },
      },
    ],
  });

const ambiente = Joi.string().valid('hom', 'prod').empty('');
const flag = (description: string) => Joi.boolean().empty('').default(false).description(description);

export const putCertificadoQuery = Joi.object({
  simular: flag('`true`: só confere o certificado e diz o que seria gravado; nada muda.'),
  ambiente: ambiente
    .default('prod')
    .description('`hom`: aceita também um certificado que não é da ICP-Brasil, que então só assina em homologação.'),
});

export const showCertificadoQuery = Joi.object({
  testar: flag('`true`: pergunta o status a cada autorizador da empresa com este certificado, e espera até 10 segundos.'),
  ambiente: ambiente.description('Onde testar; sem ele, o primeiro em que o certificado pode assinar.'),
});

export const certificadoJsonSchema = Joi.object({
  conteudo: Joi.string().required().description('O arquivo .pfx ou .p12 inteiro, em base64.'),
  senha: Joi.string().allow('').required(),
}).meta({ component: 'EnvioCertificado' });

export const certificadoFormSchema = Joi.object({
  arquivo: Joi.binary().required().description('O arquivo .pfx ou .p12.'),
  senha: Joi.string().allow('').required(),
}).meta({ component: 'FormularioCertificado' });
