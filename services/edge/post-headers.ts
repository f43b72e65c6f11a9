import Joi from 'joi';
import { IDEMPOTENCY_KEY } from './idempotency.ts';

const PREFER = Joi.string()
  .example('wait=10')
  .description(
    '`wait=N`: espera até N segundos pela situação final (RFC 7240); sem ela nesse prazo, a resposta é 202. `Preference-Applied` diz os segundos aceitos.',
  );

/** Of a call that may wait and is known by itself when it is repeated. */
export const preferHeaders = Joi.object({ Prefer: PREFER });

/** Headers that every POST of a document, an event or an inutilização understands. */
export const postHeaders = Joi.object({
  Prefer: PREFER,
  'Idempotency-Key': Joi.string()
    .pattern(IDEMPOTENCY_KEY)
    .example('0b8f8c1e-5d5c-4f8e-9a39-2f6c1d1f7a10')
    .description('Chave única da requisição, guardada por 7 dias: com outro conteúdo ou para outro documento é recusada (422).'),
});

/** What the Idempotency-Key of a POST may be refused for. */
export const KEY_PROBLEMS = ['chave-de-idempotencia-invalida', 'chave-de-idempotencia-reutilizada'] as const;
