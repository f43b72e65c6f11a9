import { bodyOf, type Exchange } from './exchange.ts';
import { Problem } from './problems.ts';
import { readJson } from './read-json.ts';

/** What a handler refuses that takes JSON by a body of `any` kind. */
export const JSON_PROBLEMS = ['tipo-de-conteudo', 'corpo-vazio', 'json-malformado'] as const;

/** The value of a JSON body. Throws the problems of JSON_PROBLEMS. */
export function jsonBodyOf(exchange: Exchange): unknown {
  const { bytes } = bodyOf(exchange);
  if (!exchange.req.is('json')) {
    const detail = 'O corpo deve ser enviado com Content-Type application/json.';
    throw new Problem('tipo-de-conteudo', detail, { headers: { 'Accept-Post': 'application/json' } });
  }
  if (bytes.length === 0) throw new Problem('corpo-vazio', 'O corpo da requisição está vazio; envie o JSON do pedido.');
  return readJson(bytes);
}
