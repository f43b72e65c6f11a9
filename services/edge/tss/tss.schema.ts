import Joi from 'joi';

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64');

/** The payload of the TSS page. */
const BLOCK_EXAMPLE = {
  contrato: '12345',
  Empresas: [{ tipopessoa: 2, cnpj: '53113791001790', IE: '255721161', UF: 'SC', Parametro: 1 }],
};
/** `cnpj` becomes that of the company the description is asked for. */
const TOKEN_REQUEST_EXAMPLE = { empresa: { cnpj: '@empresa@', tipopessoa: 2, ie: '110042490114', uf: 'SP' } };
const SETUP_EXAMPLE = {
  ...{ registrationType: 1, registrationNumber: '07385111000102', ie: '110042490114', uf: 'SP', companyName: 'Comercial Exemplo Ltda' },
  ...{ branchName: 'Exemplo', countyCode: '3550308', digitalCertificate: 'MIIK…', password: 'senha do PFX', typeCert: 'A1' },
};

const pessoa = {
  tipopessoa: Joi.number().valid(1, 2).required().description('1 pessoa física, 2 pessoa jurídica.'),
  cnpj: Joi.string().description('Com tipopessoa 2: 14 caracteres, sem máscara.'),
  cpf: Joi.string().description('Com tipopessoa 1: 11 dígitos, sem máscara.'),
};
const IE = Joi.string().max(18).required().description('Inscrição estadual, ou ISENTO.');
const UF = Joi.string().length(2).required();

const blockSchema = Joi.object({
  contrato: Joi.string().max(60).description('Registrado em cada entidade; não filtra nada.'),
  Empresas: Joi.array()
    .items(Joi.object({ ...pessoa, IE, UF, Parametro: Joi.number().valid(1, 2).required().description('1 bloqueia, 2 libera.') }))
    .min(1)
    .max(1_000)
    .required(),
})
  .description('Os nomes valem em maiúsculas ou minúsculas.')
  .meta({ component: 'PedidoBloqueio' });

const tokenRequestSchema = Joi.object({ empresa: Joi.object({ ...pessoa, ie: IE, uf: UF }).required() }).meta({
  component: 'PedidoToken',
});

const setupSchema = Joi.object({
  registrationType: Joi.number().valid(1, 2).required().description('1 CNPJ, 2 CPF.'),
  registrationNumber: Joi.string().required().description('Sem máscara.'),
  ie: Joi.string().allow('').max(18),
  uf: UF,
  companyName: Joi.string().required().description('Razão social.'),
  branchName: Joi.string().allow('').description('Nome fantasia.'),
  countyCode: Joi.string().required().description('Código IBGE do município.'),
  digitalCertificate: Joi.string().required().description('O arquivo PFX em base64.'),
  password: Joi.string().required().description('Senha do PFX.'),
  typeCert: Joi.string().valid('A1').description('A3 não é suportado.'),
  url: Joi.string().allow('').description('Aceito e não usado: o serviço é este.'),
}).meta({ component: 'CadastroTss' });

type BodyTypes = Readonly<Record<string, { schema: Joi.Schema; example: unknown }>>;

/** The forms of one request: the JSON itself, a form with its base64, the base64 alone. */
function forms(schema: Joi.Schema, example: object): BodyTypes {
  return {
    'application/json': { schema, example },
    'application/x-www-form-urlencoded': {
      schema: Joi.object({ JSON: Joi.string().required().description('O JSON em base64.') }),
      example: { JSON: base64(example) },
    },
    'text/plain': { schema: Joi.string().description('O JSON em base64.'), example: base64(example) },
  };
}

export const BLOCK_BODY = forms(blockSchema, BLOCK_EXAMPLE);
// In base64 the company could not be put in.
export const TOKEN_BODY: BodyTypes = { 'application/json': { schema: tokenRequestSchema, example: TOKEN_REQUEST_EXAMPLE } };
export const SETUP_BODY: BodyTypes = { 'application/json': { schema: setupSchema, example: SETUP_EXAMPLE } };

const rowSchema = Joi.object({
  CNPJ: Joi.string().allow('').required(),
  CPF: Joi.string().allow('').required(),
  IE: Joi.string().required(),
  UF: Joi.string().required(),
  IDEMPRESA: Joi.string().allow('').required().description('20 dígitos, ou vazio.'),
  Entidade: Joi.string().allow('').required().description('6 dígitos; vazio quando não há entidade.'),
  OK: Joi.boolean().required(),
  mensagem: Joi.string().valid('Cliente bloqueado', 'Cliente liberado').allow(null).required(),
  error: Joi.string().required().description('O texto "null" quando deu certo; senão o motivo.'),
  Token: Joi.string().description('Só na primeira liberação da entidade, uma vez.'),
});

const ROW_EXAMPLE = {
  ...{ CNPJ: '53113791000122', CPF: '', IE: '111010945111', UF: 'SP', IDEMPRESA: '00000000000000000001', Entidade: '000002' },
  ...{ OK: true, mensagem: 'Cliente bloqueado', error: 'null' },
};

const answerSchema = Joi.object({
  result: Joi.array().items(rowSchema).required().description('Uma linha por entidade, na ordem do pedido.'),
  error: Joi.string().allow(null).required().description('Todas as falhas do pedido, por linha e campo; nulo quando foi aceito.'),
}).meta({ component: 'ResultadoBloqueio' });

export const BLOCKED = answerSchema.example({ result: [ROW_EXAMPLE], error: null });
export const BLOCK_REFUSED = answerSchema.example({
  result: [],
  error: 'Linha 1, campo UF: "XX" não é uma das 27 UFs.',
});
export const BLOCK_PENDING = answerSchema.example({ result: [], error: 'Requisição recebida e ainda em processamento.' });
export const BLOCK_UNKNOWN = answerSchema.example({ result: [], error: 'Requisição desconhecida.' });

const tokenSchema = Joi.object({
  Token: Joi.string().allow('').required().description('40 dígitos hexadecimais; vazio quando há um erro.'),
  error: Joi.string(),
}).meta({ component: 'TokenEntidade' });

export const TOKEN_TOLD = tokenSchema.example({ Token: '50164fa93121e0d05843576147d0394c0a1b31ee' });
export const TOKEN_REFUSED = tokenSchema.example({ Token: '', error: 'Entidade nao encontrada.' });

const setupAnswerSchema = Joi.object({ idCompany: Joi.string().allow('').required(), returnMessage: Joi.string().allow('').required() });

export const SETUP_DONE = setupAnswerSchema.example({ idCompany: '000001', returnMessage: 'Empresa e certificado gravados.' });
export const SETUP_REFUSED = Joi.object({ errorCode: Joi.number().valid(400).required(), errorMessage: Joi.string().required() }).example({
  errorCode: 400,
  errorMessage: "O parâmetro 'uf' não foi informado: informe a sigla da UF, como SP.",
});
