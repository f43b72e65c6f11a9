import type { Clock } from '@malote/runtime/clock';
import type { Bloqueio } from '@malote/store/bloqueios';
import type { Entidades } from '@malote/store/entidades';
import { applyBlock, chaveOf, countResult } from './apply-block.ts';

/** What a request came to, as it is stored with it. */
export type Outcome = Pick<Bloqueio, 'result' | 'entidadeId' | 'recusa'>;

/** A result is stored with its request, and a document of MongoDB has 16 MB. */
export const MAX_RESULT_ROWS = 20_000;

const TRIES = 5;

/** Applies every row, each entity in one write. An error, or a death at any point, leaves a request that the next delivery finishes. */
export async function blockEntities(pedido: Bloqueio, { entidades, clock }: { entidades: Entidades; clock: Clock }): Promise<Outcome> {
  const chaves = chavesOf(pedido);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await entidades.forPedido({ conta: pedido.conta, chaves, pedido: pedido._id });
    const rows = countResult(pedido, found);
    if (rows > MAX_RESULT_ROWS) return { recusa: tooLarge(rows) };
    const { result, mudancas } = applyBlock(pedido, found, { now: clock.now(), newToken: entidades.newToken });
    if ((await entidades.change(mudancas)) === mudancas.length) return { result };
  }
  throw new Error('the entities of this request were changed by somebody else again and again');
}

/** The establishments it is about, each once. */
export function chavesOf({ rows = [] }: Pick<Bloqueio, 'rows'>): string[] {
  return [...new Set(rows.map(chaveOf))];
}

function tooLarge(rows: number): NonNullable<Bloqueio['recusa']> {
  const message = `O pedido alcança ${rows} entidades, e a resposta leva no máximo ${MAX_RESULT_ROWS}: divida as linhas em mais pedidos.`;
  return { codigo: 'pedido-grande', message };
}
