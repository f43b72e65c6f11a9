import { ESCOPOS } from '@malote/store/credenciais';
import Joi from 'joi';
import { SESSION_EXAMPLE, TOKEN_EXAMPLE } from './examples/answers.data.ts';

const instant = () => Joi.string().isoDate();

export interface Credentials {
  token: string;
  secret: string;
}

/** What a session is opened with, where it does not come in a Basic header. */
export const credentialsSchema = Joi.object<Credentials>({
  token: Joi.string().max(200).required(),
  secret: Joi.string().max(200).required(),
})
  .unknown(true)
  .meta({ component: 'Credencial' });

/** The session token as JSON; `jwt` is the same token under the name that newer clients read. */
export const tokenSchema = Joi.object({
  'x-auth-token': Joi.string().guid().required(),
  jwt: Joi.string().guid().required(),
  exp: Joi.number().integer().required().description('Fim da sessão, em segundos desde 1970; cada uso o adia.'),
})
  .meta({ component: 'Token' })
  .example(TOKEN_EXAMPLE);

/** The session token as old clients read it: they skip 14 characters and take 36. */
export const tokenTextSchema = Joi.string()
  .pattern(/^x-auth-token: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  .example(`x-auth-token: ${TOKEN_EXAMPLE['x-auth-token']}`);

/** Whose session it is. */
export const sessionSchema = Joi.object({
  conta: Joi.string().required(),
  nome: Joi.string().allow(null).required(),
  escopos: Joi.array()
    .items(Joi.string().valid(...ESCOPOS))
    .required()
    .description('O que a credencial da sessão pode fazer.'),
  empresas: Joi.array()
    .items(Joi.object({ empresa: Joi.string().required(), razaoSocial: Joi.string().required(), uf: Joi.string().length(2).required() }))
    .required(),
  criadaEm: instant().required(),
  expiraEm: instant().required(),
})
  .meta({ component: 'Sessao' })
  .example(SESSION_EXAMPLE);
