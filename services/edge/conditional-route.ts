import Joi from 'joi';
import type { Answer, Route } from './routing.ts';

const ETAG = { ETag: 'Muda quando o conteúdo muda.' };

/** What a row says whose answer has an ETag (conditional.ts). */
export function conditionally(answer: Answer): Pick<Route, 'answers' | 'requestHeaders'> {
  return {
    requestHeaders: Joi.object({ 'If-None-Match': Joi.string().description('O ETag que já se tem.') }),
    answers: {
      200: { ...answer, headers: { ...answer.headers, ...ETAG } },
      304: { description: 'O que já se tem é o atual.', headers: ETAG },
    },
  };
}
